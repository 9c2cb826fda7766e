using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Tests.Http;

/// <summary>What <c>retry</c> says holds: after its cause is gone the same request passes with the key that it names, and a limit says what would have passed.</summary>
public sealed class RetryTests
{
    private const string Run = "/agent/services/summary/run";
    private static readonly (string, string) Key = ("Idempotency-Key", "k1");
    private static readonly (string, string) OtherKey = ("Idempotency-Key", "k2");

    [Theory]
    [InlineData(Codes.UpstreamTimeout)]
    [InlineData(Codes.UpstreamFailed)]
    [InlineData(Codes.Unavailable)]
    public async Task What_a_service_failed_stands_under_its_key_and_another_passes(string code)
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        api.Service.Answers = PlayedService.Fails(code);
        Assert.Equal("new_key", Retry((await Post(api, token, Key)).Refused(Codes.StatusOf(code), code)));

        api.Service.Answers = PlayedService.Says("{}");
        Assert.Equal("new_key", Retry((await Post(api, token, Key)).Refused(Codes.StatusOf(code), code)));
        (await Post(api, token, OtherKey)).Expect(200);
    }

    [Fact]
    public async Task What_was_not_decided_passes_with_the_same_key()
    {
        FailingEntities? entities = null;
        await using var api = await RunningApi.Start(edge: inner => entities = new(inner));
        var token = await api.Client.OpenReady();
        entities!.Out = true;
        var refused = (await Post(api, token, Key)).Refused(503, "unavailable");
        Assert.Equal(("same_key", 2), (Retry(refused), refused.Error.GetProperty("retry_after_seconds").GetInt32()));
        Assert.Equal("2", refused.Header("Retry-After"));

        entities.Out = false;
        (await Post(api, token, Key)).Expect(200);
    }

    [Fact]
    public async Task What_is_under_way_gives_its_outcome_to_the_same_key()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var (called, outcome) = (new TaskCompletionSource(), new TaskCompletionSource<StepOutcome>());
        api.Service.Answers = _ =>
        {
            called.TrySetResult();
            return outcome.Task;
        };
        var token = await api.Client.OpenReady();
        var first = Post(api, token, Key);
        await called.Task;

        Assert.Equal("same_key", Retry((await Post(api, token, Key)).Refused(409, "idempotency_in_flight")));
        outcome.SetResult(new ServiceOutcome.Output("{}"u8.ToArray(), 1));
        (await first).Expect(200);
        Assert.Equal("true", (await Post(api, token, Key)).Expect(200).Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task A_cap_says_whose_it_is_what_was_asked_and_what_would_pass_and_raised_the_same_key_passes()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":10}""")).Expect(200);

        var refused = (await Post(api, token, Key)).Refused(403, "budget_exceeded");
        var details = refused.Error.GetProperty("details");
        Assert.Equal(("same_key", "daily_cap", 25m, 10m), (Retry(refused), details.GetProperty("limit").GetString(), details.GetProperty("asked_cents").GetDecimal(), details.GetProperty("free_cents").GetDecimal()));
        Assert.Equal("""{"kind":"user","id":"user-1","limit":"daily_cap"}""", details.GetProperty("node").GetRawText());

        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"daily_cap_cents":100}""")).Expect(200);
        (await Post(api, token, Key)).Expect(200);
    }

    [Fact]
    public async Task A_cap_of_a_service_says_which_it_is_and_what_would_pass_and_raised_the_same_key_passes()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"per_service":{"summary":{"daily_cap_cents":10}},"per_category":{"TEXT":{"monthly_cap_cents":30}}}""")).Expect(200);

        var refused = (await Post(api, token, Key)).Refused(403, "budget_exceeded");
        var details = refused.Error.GetProperty("details");
        Assert.DoesNotContain("/agent/services/summary/run", refused.Error.GetProperty("next_actions").EnumerateArray().Select(action => action.GetProperty("endpoint").GetString()));
        Assert.Equal(("service_daily_cap", "summary", 25m, 10m), (details.GetProperty("limit").GetString(), details.GetProperty("service_id").GetString(), details.GetProperty("asked_cents").GetDecimal(), details.GetProperty("free_cents").GetDecimal()));
        Assert.Equal("""{"kind":"user","id":"user-1","limit":"service_daily_cap"}""", details.GetProperty("node").GetRawText());

        (await api.Client.Admin(HttpMethod.Patch, "/admin/users/user-1", """{"per_service":{"summary":{"daily_cap_cents":100}}}""")).Expect(200);
        (await Post(api, token, Key)).Expect(200);

        var user = (await api.Client.Admin(HttpMethod.Get, "/admin/users/user-1", null)).Expect(200).Data;
        Assert.Equal("""{"summary":{"daily_cap_cents":100,"monthly_cap_cents":null}}""", user.GetProperty("per_service").GetRawText());
        var spent = user.GetProperty("spent").GetProperty("per_category").GetProperty("TEXT");
        Assert.Equal("""{"spent_cents":25,"held_cents":0,"projected_at":null,"not_projected":"no_cap"}""", spent.GetProperty("today").GetRawText());
        Assert.Equal(25, spent.GetProperty("this_month").GetProperty("spent_cents").GetInt32());
        (await api.Client.Admin(HttpMethod.Patch, "/admin/users/user-1", """{"per_service":null}""")).Expect(200);
        Assert.Equal("category_monthly_cap", (await api.Client.Post(Run, token, """{"input":{"text":"Another."}}""")).Refused(403, "budget_exceeded").Error.GetProperty("details").GetProperty("limit").GetString());
    }

    [Fact]
    public async Task A_wallet_that_is_short_says_so_and_filled_the_same_key_passes()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        const string ByWallet = """{"input":{"text":"A text."},"pay_with":"wallet","max_price_cents":25}""";
        (await Deposit(api, 10, "d1")).Expect(200);

        var refused = (await api.Client.Post(Run, token, ByWallet, Key)).Refused(402, "payment_required");
        var details = refused.Error.GetProperty("details");
        Assert.Equal(("same_key", "balance", 25m, 10m), (Retry(refused), details.GetProperty("limit").GetString(), details.GetProperty("asked_cents").GetDecimal(), details.GetProperty("free_cents").GetDecimal()));
        Assert.Equal("agent:agent-1", details.GetProperty("node").GetProperty("id").GetString());

        (await Deposit(api, 15, "d2")).Expect(200);
        (await api.Client.Post(Run, token, ByWallet, Key)).Expect(200);
    }

    [Fact]
    public async Task A_sponsor_that_is_short_says_by_which_limit_and_no_amount_and_funded_the_same_key_passes()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load(fundCents: "10");
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);

        var refused = (await Post(api, token, Key)).Refused(402, "payment_required");
        var details = refused.Error.GetProperty("details");
        Assert.Equal(("same_key", "escrow"), (Retry(refused), details.GetProperty("limit").GetString()));
        Assert.Equal("""{"kind":"campaign","id":"survey","limit":"escrow"}""", details.GetProperty("node").GetRawText());
        Assert.DoesNotContain("_cents", details.GetRawText(), StringComparison.Ordinal);

        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":100}""", ("Idempotency-Key", "fund-2"))).Expect(200);
        (await Post(api, token, Key)).Expect(200);
    }

    [Fact]
    public async Task Another_request_under_a_key_and_a_duplicate_pass_with_a_new_one()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await Post(api, token, Key)).Expect(200);

        const string Other = """{"input":{"text":"Another text."}}""";
        Assert.Equal("new_key", Retry((await api.Client.Post(Run, token, Other, Key)).Refused(409, "idempotency_conflict")));
        (await api.Client.Post(Run, token, Other, OtherKey)).Expect(200);
        Assert.Equal("new_key", Retry((await api.Client.Post(Run, token, Other)).Refused(409, "duplicate_request")));
    }

    [Fact]
    public async Task A_user_who_is_paused_is_refused_until_resumed_and_then_the_same_key_passes()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenReady();
        (await api.Client.Admin(HttpMethod.Post, "/admin/users/user-1/pause", """{"reason":"A look."}""")).Expect(200);
        Assert.Equal("same_key", Retry((await Post(api, token, Key)).Refused(403, "session_suspended")));

        (await api.Client.Admin(HttpMethod.Post, "/admin/users/user-1/resume", """{"reason":"Looked."}""")).Expect(200);
        (await Post(api, token, Key)).Expect(200);
    }

    [Fact]
    public async Task An_agent_that_is_suspended_for_its_attempts_may_try_again_at_the_time_that_the_refusal_says()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession(scopes: "[]");
        for (var time = 0; time < 5; time++)
        {
            (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(403, "scope_violation");
        }

        var refused = (await api.Client.Post(Run, token, Support.Catalogue.Input)).Refused(403, "session_suspended").Error;

        Assert.Equal((true, "same_key"), (refused.GetProperty("retry_allowed").GetBoolean(), refused.GetProperty("retry").GetString()));
        Assert.InRange(refused.GetProperty("retry_after_seconds").GetInt32(), 1, 900);
        Assert.True(refused.GetProperty("details").TryGetProperty("resume_at", out _));
    }

    private static string Retry(Support.Received refused) => refused.Error.GetProperty("retry").GetString()!;

    private static Task<Support.Received> Post(RunningApi api, string token, (string, string) key) => api.Client.Post(Run, token, Support.Catalogue.Input, key);

    private static Task<Support.Received> Deposit(RunningApi api, int cents, string key) =>
        api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", $$"""{"amount_cents":{{cents}}}""", ("Idempotency-Key", key));
}
