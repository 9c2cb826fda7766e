using System.Net;
using System.Text.Json;
using Agora.Client.Http;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What is sent again, and under which key.</summary>
public sealed class RetryTests
{
    private readonly Hasty _time = new();

    [Fact]
    public async Task A_lost_reply_is_asked_again_under_the_same_key()
    {
        var server = new Scripted(null, null, Scripted.Ok("""{"a":1}"""));

        Assert.Equal(1, (await Send(server)).Data.GetProperty("a").GetInt32());
        Assert.Equal(3, server.Keys.Count);
        Assert.Single(server.Keys.Distinct());
    }

    [Fact]
    public async Task What_somebody_in_between_answers_is_no_answer()
    {
        var server = new Scripted((HttpStatusCode.BadGateway, "<html>"), (HttpStatusCode.OK, "{cut"), Scripted.Ok());

        await Send(server);

        Assert.Single(server.Keys.Distinct());
    }

    [Fact]
    public async Task The_same_key_waits_as_it_is_told()
    {
        var server = new Scripted(Scripted.Refusal(429, "rate_limited", "same_key", 12), Scripted.Refusal(409, "idempotency_in_flight", "same_key", 1), Scripted.Ok());

        await Send(server);

        Assert.Equal([12, 1], _time.Waits.Select(wait => wait.TotalSeconds));
        Assert.Single(server.Keys.Distinct());
    }

    [Fact]
    public async Task A_new_key_is_taken_after_a_service_has_failed_and_not_for_ever()
    {
        var server = new Scripted([.. Enumerable.Repeat(Scripted.Refusal(502, "upstream_failed", "new_key", 5), 9)]);

        await Assert.ThrowsAsync<ServiceFailedException>(() => Send(server));

        Assert.Equal(3, server.Keys.Distinct().Count());
    }

    [Fact]
    public async Task A_key_of_the_caller_is_never_replaced()
    {
        var server = new Scripted(Scripted.Refusal(502, "upstream_failed", "new_key", 5));

        var refused = await Assert.ThrowsAsync<ServiceFailedException>(() => Send(server, "mine"));

        Assert.Equal(["mine"], server.Keys);
        Assert.Equal("mine", refused.Key);
    }

    [Theory]
    [InlineData(403, "scope_violation", "never", typeof(NotAllowedException))]
    [InlineData(402, "payment_required", "same_key", typeof(PaymentRequiredException))]
    [InlineData(409, "run_cancelled", "new_key", typeof(ConflictException))]
    [InlineData(302, "moved", "never", typeof(AgoraException))]
    public async Task Never_and_what_has_to_change_first_are_told_at_once(int status, string code, string retry, Type family)
    {
        var server = new Scripted(Scripted.Refusal(status, code, retry));

        await Assert.ThrowsAsync(family, () => Send(server));

        Assert.Single(server.Keys);
    }

    [Fact]
    public async Task A_wait_beyond_the_deadline_is_not_begun_and_tries_are_counted()
    {
        await Assert.ThrowsAsync<RateLimitedException>(() => Send(new Scripted(Scripted.Refusal(429, "rate_limited", "same_key", 121))));
        Assert.Empty(_time.Waits);

        var lost = new Scripted([.. Enumerable.Repeat(((HttpStatusCode, string)?)null, 9)]);
        var unknown = await Assert.ThrowsAsync<NoAnswerException>(() => Send(lost));
        Assert.Equal(Enumerable.Repeat(unknown.Key, 8), lost.Keys);
    }

    [Fact]
    public async Task A_session_that_is_over_is_opened_again_with_the_same_request()
    {
        var server = new Scripted(Scripted.Refusal(401, "session_expired"), Scripted.Ok("""{"token":"new"}"""), Scripted.Ok());

        await Send(server);

        Assert.Equal(["old", "key", "new"], server.Tokens);
        Assert.Equal(server.Keys[0], server.Keys[2]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_ended_behind_a_lost_reply_or_a_try_under_way_is_not_replaced(bool isUnderWay)
    {
        var server = new Scripted(isUnderWay ? Scripted.Refusal(409, "idempotency_in_flight", "same_key", 1) : null, Scripted.Refusal(401, "session_expired"));

        await Assert.ThrowsAsync<SessionLostException>(() => Send(server));

        Assert.Equal(2, server.Keys.Count);
    }

    [Theory]
    [InlineData("""{"entries":[1,2],"offset":0,"limit":2,"next_cursor":"c"}""", """{"entries":[3,4],"offset":0,"limit":2,"next_cursor":null}""")]
    [InlineData("""{"entries":[1,2],"offset":0,"limit":2}""", """{"entries":[3],"offset":2,"limit":2}""")]
    public async Task A_list_goes_on_from_its_cursor_or_its_offset_and_ends_with_it(string first, string last)
    {
        using var admin = new AgoraOperator(new("http://server.test"), "key", handler: new Scripted(Scripted.Ok(first), Scripted.Ok(last)));

        Assert.Equal([1, 2, 3], (await admin.All<int>("/admin/audit").ToListAsync()).Take(3));
    }

    [Fact]
    public void Each_code_has_a_family() =>
        Assert.All(AgoraCodes.All, code => Assert.NotEqual(typeof(AgoraException), AgoraException.Of(400, new(code, "", null, "never", null, null), null, null).GetType()));

    private async Task<Reply<JsonElement>> Send(Scripted server, string? key = null)
    {
        await using var agent = new AgoraAgent(new() { Url = new("http://server.test"), Key = "key", Token = "old", AgentId = "a", UserId = "u", Handler = server, Time = _time });
        return await agent.Send<JsonElement>(HttpMethod.Post, "/x", new { a = 1 }, key);
    }
}
