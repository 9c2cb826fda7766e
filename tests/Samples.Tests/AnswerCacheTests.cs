using System.Text;
using Agora.Samples.TextService;
using Microsoft.AspNetCore.Http;

namespace Agora.Samples.Tests;

public sealed class AnswerCacheTests
{
    [Theory]
    [InlineData(2, 1000)]
    [InlineData(1000, 11)] // an answer has 5 bytes
    public async Task When_full_the_oldest_key_is_forgotten_and_may_carry_another_body(int maxAnswers, int maxBytes)
    {
        var answers = new AnswerCache(maxAnswers, maxBytes);
        foreach (var key in new[] { "a", "b", "c" })
            Assert.Equal((200, "\"one\""), await Ask(answers, key, "one"));

        Assert.Equal(409, (await Ask(answers, "c", "two")).Status);
        Assert.Equal(409, (await Ask(answers, "b", "two")).Status);
        Assert.Equal((200, "\"two\""), await Ask(answers, "a", "two"));
    }

    [Fact]
    public async Task A_remembered_answer_is_not_worked_out_again()
    {
        var (answers, works) = (new AnswerCache(), 0);

        await Ask(answers, "a", "one", () => works++);
        await Ask(answers, "a", "one", () => works++);

        Assert.Equal(1, works);
    }

    private static async Task<(int Status, string Answer)> Ask(AnswerCache answers, string key, string text, Action? work = null)
    {
        var http = new DefaultHttpContext();
        http.Request.ContentType = "application/json";
        http.Request.Headers["Idempotency-Key"] = key;
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""));
        var reply = new MemoryStream();
        http.Response.Body = reply;
        await answers.Answer<SentimentRequest>(http, request =>
        {
            work?.Invoke();
            return request.Text;
        });
        return (http.Response.StatusCode, Encoding.UTF8.GetString(reply.ToArray()));
    }
}
