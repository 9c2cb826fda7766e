using System.Text;
using Agora.Samples.TextService.Text;

namespace Agora.Samples.Tests;

public sealed class TextTests
{
    public static TheoryData<string, string[]> Splits => new()
    {
        { "One. Two! Three?", ["One.", "Two!", "Three?"] },
        { "Dr. Ortiz met J. Smith at 3.5 p.m. today. They spoke.", ["Dr. Ortiz met J. Smith at 3.5 p.m. today.", "They spoke."] },
        { "She said \"Stop.\" Then she left.", ["She said \"Stop.\"", "Then she left."] },
        { "So did I. Good.", ["So did I.", "Good."] },
        { "Heading\n\nFirst line\ncontinues. Next.", ["Heading", "First line continues.", "Next."] },
        { "雨だ。傘がない！どうする？", ["雨だ。", "傘がない！", "どうする？"] },
        { "彼は「行こう。早く。」と言った。私は残った。", ["彼は「行こう。早く。」と言った。", "私は残った。"] },
        { "開いた「まま\n\n次の段落。終わり。", ["開いた「まま", "次の段落。", "終わり。"] },
        { "Wait... what?! Yes.", ["Wait... what?!", "Yes."] },
        { "... !!", [] },
        { "It broke :( and then it rained. We left. (Twice.) Never again.", ["It broke :( and then it rained.", "We left.", "(Twice.)", "Never again."] },
        { "First.\r\n\r\nSecond", ["First.", "Second"] },
    };

    [Theory]
    [MemberData(nameof(Splits))]
    public void Text_is_split_into_its_sentences(string text, string[] sentences) => Assert.Equal(sentences, Sentences.Split(text));

    [Fact]
    public void An_English_summary_holds_the_sentences_about_the_main_thing_in_their_order()
    {
        var extract = Summarizer.Summarize(Texts.English, 3);

        Assert.Equal("en", extract.Language);
        Assert.Equal(10, extract.SentencesRead);
        Assert.Equal(3, extract.Sentences.Count);
        Assert.All(extract.Sentences, sentence => Assert.Contains(sentence, Texts.English, StringComparison.Ordinal));
        Assert.Equal(extract.Sentences.OrderBy(sentence => Texts.English.IndexOf(sentence, StringComparison.Ordinal)), extract.Sentences);
        Assert.Contains("ten-year leases", extract.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("volunteers move away", extract.Summary, StringComparison.Ordinal);
        Assert.Equal(string.Join(' ', extract.Sentences), extract.Summary);
    }

    [Fact]
    public void A_Japanese_summary_holds_the_sentences_about_the_main_thing_in_their_order()
    {
        var extract = Summarizer.Summarize(Texts.Japanese, 2);

        Assert.Equal("ja", extract.Language);
        Assert.Equal(8, extract.SentencesRead);
        Assert.Equal("地方の図書館が、まちの新しい居場所として注目されている。図書館が人と本だけでなく、人と人をつなぐ場所になりつつある。", extract.Summary);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(80)]
    [InlineData(300)]
    public void A_summary_has_at_most_the_length_that_is_asked_for(int most)
    {
        foreach (var text in new[] { Texts.English, Texts.Japanese, new string('a', 400), "A word " + string.Concat(Enumerable.Repeat("😀", 200)) })
        {
            var extract = Summarizer.Summarize(text, 20, most);

            Assert.InRange(extract.Summary.Length, 1, most);
            Assert.NotEmpty(extract.Sentences);
            Assert.Equal(extract.Summary, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(extract.Summary)));
        }
    }

    [Fact]
    public void A_repeated_sentence_is_taken_once()
    {
        var extract = Summarizer.Summarize("Solar panels feed the grid. Solar panels feed the grid. Wind is weak in summer.", 2);

        Assert.Equal(["Solar panels feed the grid.", "Wind is weak in summer."], extract.Sentences);
    }

    [Fact]
    public void A_text_without_known_words_still_gives_its_sentences() =>
        Assert.Equal("It is what it is.", Summarizer.Summarize("It is what it is.", 3).Summary);

    [Fact]
    public void English_keywords_are_ranked_and_counted_over_singular_and_plural()
    {
        var best = KeywordRanking.Of(Texts.English, 4).Keywords;

        Assert.Equal(new Keyword("garden", 1, 7), best[0]);
        Assert.Contains("lease", best.Select(keyword => keyword.Word));
        Assert.Equal(best.OrderByDescending(keyword => keyword.Score), best);
    }

    [Fact]
    public void Japanese_keywords_are_whole_compounds()
    {
        var words = KeywordRanking.Of(Texts.Japanese, 5).Keywords.Select(keyword => keyword.Word).ToList();

        Assert.Equal("図書館", words[0]);
        Assert.Contains("高校生", words);
        Assert.Contains("閲覧室", words);
    }

    [Fact]
    public void A_text_of_stop_words_has_no_keywords() => Assert.Empty(KeywordRanking.Of("It is what it is, and so are we.", 5).Keywords);

    [Theory]
    [InlineData("The room was very clean and the staff were wonderful.", "positive")]
    [InlineData("The train was late, the seats were dirty and nobody helped.", "negative")]
    [InlineData("The food was not good.", "negative")]
    [InlineData("I didn't enjoy the show.", "negative")]
    [InlineData("There was no problem with the delivery.", "positive")]
    [InlineData("The meeting starts at noon.", "neutral")]
    [InlineData("とても美味しくて、店員さんも親切でした。", "positive")]
    [InlineData("料理は全然おいしくなかったし、接客も最悪でした。", "negative")]
    [InlineData("手続きは簡単で、問題ありません。", "positive")]
    [InlineData("会議は三時に始まります。", "neutral")]
    public void The_sentiment_of_a_sentence_is_found_with_its_negation(string text, string label)
    {
        var sentiment = SentimentScore.Of(text);

        Assert.Equal(label, sentiment.Label);
        Assert.InRange(sentiment.Score, -1, 1);
        Assert.Equal(label == "neutral", sentiment.MatchedWords.Count == 0);
    }

    [Fact]
    public void A_stress_raises_the_weight_and_a_negation_turns_it_round()
    {
        Assert.Equal([new MatchedWord("good", 2)], SentimentScore.Of("It is good.").MatchedWords);
        Assert.Equal([new MatchedWord("good", 3)], SentimentScore.Of("It is very good.").MatchedWords);
        Assert.Equal([new MatchedWord("good", -2)], SentimentScore.Of("It is not good.").MatchedWords);
        Assert.Equal([new MatchedWord("楽し", 3)], SentimentScore.Of("とても楽しい。").MatchedWords);
        Assert.Equal([new MatchedWord("楽し", -2)], SentimentScore.Of("楽しくなかった。").MatchedWords);
    }
}
