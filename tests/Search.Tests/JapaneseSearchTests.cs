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
