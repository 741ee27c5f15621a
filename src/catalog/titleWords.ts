/**
 * Words that say nothing of what a product is, in singular and normalised form: function words,
 * and what sellers write on everything.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after all also an and any are as at be been best big brand bundle but buy by can cheap
  collection day deal each edition etc extra fast for free from genuine gift great has have high 
  in includes including into is it its item just large less limited lot made many medium more most
  multi near new no not now of off offer official on one only or original our out over own pack package
  pair per perfect piece plus premium price product promotion quality sale seller set shipping shop
  size small so some special standard store style such than that the their them these they this those
  to type under up us use using various very was we well which will with without you your
  dei del de da do das dos con para com por e y la le les des et und der die das
  克 千克 公斤 斤 毫升 升 厘米 件 条 双 只 片 盒 袋 瓶 罐 段 号 码 寸 支 粒 枚 张 把 台 人 年 月 岁
  的 了 和 与 及 或 在 是 有 为 等 也 都 就 而 个 款 新款 爆款 同款 热卖 热销 畅销 特价 特惠 优惠 促销 包邮 正品 现货
  官方 旗舰 旗舰店 专柜 专卖 专卖店 清仓 秒杀 限时 限量 新品 上新 上市 赠品 赠送 送礼 批发 直销 直营 厂家 网红 推荐 品牌
  系列 产品 商品 型号 规格 包装 装 套装 组合 件套 两件套 三件套 多功能 高品质 品质 优质 高级 高档 精品 精选 升级 升级版 新版
  经典 流行 时尚 潮流 百搭 必备 专用 通用 适用 适合 正版 原装 进口 国产 代购 可选 可以 一个 一件 两件 三件 大号 小号 中号
  今年 年度 下单 立减 折扣 抢购 预售 双十一 官网 授权 保证 质量 好评 超值 实惠 便宜 划算`.split(/\s+/u),
);

/** Units of measure and of packing: a number before them says how much, not what. */
export const UNITS: ReadonlySet<string> = new Set(
  `ml cl dl l lt ltr mg g gr kg lb lbs gal oz mm cm m mt km in inch inches ft yd w kw v mah hz khz mhz ghz mb gb tb
  mp px pc pcs ct pk pks pack packs set sets x s xs xl xxl xxxl k th st nd rd p d`.split(/\s+/u),
);

/** Single characters that name a kind of product by themselves; all others are dropped. */
export const TELLING_CHARACTERS: ReadonlySet<string> = new Set(
  '茶酒米面油盐糖醋奶鞋靴包裙裤帽袜伞衫袄灯床桌椅柜锅碗杯壶盘刀勺筷笔书表镜钟花猫狗鱼肉蛋虾蟹果梨桃枣药车琴棋被枕毯壳膜垫帘架盒箱罩',
);
