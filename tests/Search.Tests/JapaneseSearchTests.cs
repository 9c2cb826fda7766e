using static Agora.Search.Tests.SearchFixture;

namespace Agora.Search.Tests;

public sealed class JapaneseSearchTests
{
    private static readonly Agora.Search.SearchIndex Index = SearchFixture.Index(
        Service("translate", "文章翻訳サービス", "日本語の文章を英語に翻訳します。"),
        Service("summary", "要約サービス", "長い文章を短く要約します。"),
        Service("tea", "緑茶の通信販売", "静岡のお茶をお届けします。"),
        Service("weather", "天気予報API", "Weather forecasts for 東京都."),
        Service("photo", "ガイド付き撮影", "パリで写真を撮ります。"));

    [Theory]
    [InlineData("翻訳", "translate")]
    [InlineData("英語への翻訳をお願いします", "translate")]
    [InlineData("文章の要約", "summary")]
    [InlineData("天気予報", "weather")]
    [InlineData("天気 forecast", "weather")]
    [InlineData("api", "weather")]
    public void The_service_that_is_meant_comes_first(string query, string expected) =>
        Assert.Equal(expected, Index.Find(query)[0]);

    [Theory]
    [InlineData("茶", "tea")]
    [InlineData("訳", "translate")]
    [InlineData("都", "weather")]
    public void One_character_finds_it_within_longer_words(string query, string expected) =>
        Assert.Equal([expected], Index.Find(query));

    [Theory]
    [InlineData("ガイド", "photo")]
    [InlineData("ｶﾞｲﾄﾞ", "photo")]
    [InlineData("カ\u3099イト\u3099", "photo")]
    [InlineData("ﾊﾟﾘ", "photo")]
    [InlineData("ＷＥＡＴＨＥＲ", "weather")]
    [InlineData("ａｐｉ", "weather")]
    [InlineData("　翻訳　", "translate")]
    public void Width_and_detached_voicing_marks_make_no_difference(string query, string expected) =>
        Assert.Equal([expected], Index.Find(query));

    private static readonly Agora.Search.SearchIndex Spellings = SearchFixture.Index(
        Service("data", "データ変換サービス", "ポスターとガイドを作る"),
        Service("dame", "ダメ出し", "だめなところを言う駄目出し"),
        Service("ivanka", "イヴァンカ翻訳", "ヴァイオリン"),
        Service("server", "サーバー監視", "サーバの状態"),
        Service("camera", "キャノン撮影", "しゅっぱん"),
        Service("half", "ﾃﾞｰﾀ", "全角 １２３ ＡＢＣ"),
        Service("units", "㌔計算", "㎏と㈱と①"),
        Service("old", "旧字体", "渡邊 髙橋 国學院"),
        Service("new", "渡辺 高橋", "齋藤 山﨑 德川"));

    [Theory]
    [InlineData("でーた", "data")]
    [InlineData("ダメ", "dame")]
    [InlineData("だめ", "dame")]
    [InlineData("いゔぁんか", "ivanka")]
    [InlineData("いヴァんか", "ivanka")]
    [InlineData("バイオリン", "ivanka")]
    [InlineData("キヤノン", "camera")]
    [InlineData("シュッパン", "camera")]
    public void Kana_are_found_by_their_sound(string query, string expected) => Assert.Contains(expected, Spellings.Find(query));

    [Theory]
    [InlineData("サーバ")]
    [InlineData("サーバー")]
    [InlineData("サ−バ−")]
    [InlineData("サ‐バ‐")]
    [InlineData("サ-バ-")]
    [InlineData("サーバー監視")]
    [InlineData("サーバ監視")]
    [InlineData("サーヴァー")]
    public void Long_signs_make_no_difference_however_they_are_typed(string query) => Assert.Equal("server", Spellings.Find(query)[0]);

    [Theory]
    [InlineData("キロ", "units")]
    [InlineData("kg", "units")]
    [InlineData("1", "units")]
    [InlineData("株", "units")]
    [InlineData("123", "half")]
    [InlineData("ａｂｃ", "half")]
    public void Compatibility_forms_are_the_characters_that_they_stand_for(string query, string expected) => Assert.Contains(expected, Spellings.Find(query));

    [Theory]
    [InlineData("渡辺", "old")]
    [InlineData("高橋", "old")]
    [InlineData("国学院", "old")]
    [InlineData("渡邉", "old")]
    [InlineData("渡邊", "new")]
    [InlineData("髙橋", "new")]
    [InlineData("斎藤", "new")]
    [InlineData("山崎", "new")]
    [InlineData("徳川", "new")]
    public void Variants_of_a_kanji_are_one(string query, string expected) => Assert.Contains(expected, Spellings.Find(query));

    [Fact]
    public void A_hyphen_between_Latin_words_stays_a_hyphen() =>
        Assert.Equal(["t"], SearchFixture.Index(Service("t", "text-to-speech"), Service("other", "画像")).Find("speech"));

    [Fact]
    public void Full_width_text_is_found_by_plain_text() =>
        Assert.Equal(["t"], SearchFixture.Index(Service("t", "ＰＤＦ変換１０"), Service("other", "画像")).Find("pdf"));

    [Fact]
    public void Characters_outside_the_basic_plane_are_single_characters()
    {
        var index = SearchFixture.Index(Service("fish", "𩸽の塩焼き"), Service("person", "𠮟る"));

        Assert.Equal(["fish"], index.Find("𩸽"));
        Assert.Equal(["person"], index.Find("𠮟る"));
    }

    [Fact]
    public void Inflections_alone_do_not_make_a_match() =>
        Assert.Equal(["translate"], Index.Find("翻訳してください"));

    [Fact]
    public void Hangul_is_found_by_parts_of_its_words() =>
        Assert.Equal(["t"], SearchFixture.Index(Service("t", "문서번역서비스"), Service("other", "날씨")).Find("번역"));

    [Fact]
    public void Lone_surrogates_only_separate()
    {
        Assert.Empty(Index.Find("\ud800"));
        Assert.Equal(["translate"], Index.Find("\udc00翻\ud800"));
        Assert.Equal(["t"], SearchFixture.Index(Service("t", "pdf\ud800変換")).Find("変換"));
    }
}
