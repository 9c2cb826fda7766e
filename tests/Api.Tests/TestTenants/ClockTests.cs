using System.Globalization;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.TestTenants;

/// <summary>What a day, a month and a payout's delay do to a tenant for tests, in no time.</summary>
public sealed class ClockTests : IAsyncLifetime
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private RunningApi _api = null!;
    private TestTenant _tests = null!;

    public async Task InitializeAsync()
    {
        _api = await RunningApi.Start();
        _tests = new(_api);
        await _tests.Load();
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task An_advance_says_what_time_it_is_and_every_answer_says_that_it_is_of_tests()
    {
        var before = await _tests.Get("/test/clock");
        var advanced = await _tests.Advance("""{"advance_seconds":86400}""");

        Assert.Equal("test", advanced.Expect(200).Header("Agora-Mode"));
        Assert.Equal(("test", "default", 1, 86_400), (Text(advanced.Data, "mode"), Text(advanced.Data, "tenant"), advanced.Data.GetProperty("generation").GetInt32(), advanced.Data.GetProperty("offset_seconds").GetInt32()));
        Assert.InRange(Now(advanced.Data) - Now(before), Day, Day + TimeSpan.FromMinutes(5));
        Assert.Equal("test", (await _api.Client.Get("/agent/flow/status", await _tests.Open())).Expect(200).Header("Agora-Mode"));
        Assert.Null((await _api.Client.Admin(HttpMethod.Get, "/admin/users")).Expect(200).Header("Agora-Mode"));
    }

    [Fact]
    public async Task A_session_of_24_hours_expires_when_the_clock_says_so_and_pays_nothing_after()
    {
        var token = await _tests.Open();
        await _tests.Advance(Day - TimeSpan.FromMinutes(10));
        (await _tests.Run(token)).Refused(502, Codes.UpstreamFailed);
        await _tests.Put("/test/services/summary/answers", """{"answers":[{"output":{"summary":"Short."}}]}""");
        (await _tests.Run(token, "Another text.")).Expect(200);

        await _tests.Advance(TimeSpan.FromMinutes(10));

        (await _tests.Run(token, "A third text.")).Refused(401, Codes.SessionExpired);
        Assert.Equal("975", (await _tests.Get("/admin/wallets/agent:agent-1")).GetProperty("balance_cents").GetRawText());
    }

    [Fact]
    public async Task Caps_of_a_day_and_of_a_month_begin_anew_with_the_clocks_own_days()
    {
        await _tests.Put("/test/services/summary/answers", """{"answers":[{"output":{"summary":"Short."}}]}""");
        await _tests.Put("/admin/users/user-1", """{"attributes":{},"daily_cap_cents":25,"monthly_cap_cents":50}""");
        await StartOfMonth();

        (await _tests.Run(await _tests.Open())).Expect(200);
        (await _tests.Run(await _tests.Open(), "b")).Refused(403, Codes.BudgetExceeded);
        await _tests.Advance(Day);
        (await _tests.Run(await _tests.Open(), "c")).Expect(200);
        await _tests.Advance(Day);
        var refused = (await _tests.Run(await _tests.Open(), "d")).Refused(403, Codes.BudgetExceeded);
        Assert.Equal("monthly_cap", Text(refused.Error.GetProperty("details"), "limit"));
        await _tests.Advance(31 * Day);
        (await _tests.Run(await _tests.Open(), "e")).Expect(200);
    }

    [Fact]
    public async Task A_rewards_delay_passes_and_its_money_is_there_with_the_answer()
    {
        await _tests.Put("/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("\"runs_per_completion\":2", "\"runs_per_completion\":2,\"reward_cents\":5,\"payout_delay_seconds\":604800", StringComparison.Ordinal));
        (await _api.Client.Post("/agent/tasks/survey/complete", await _tests.Open(), Support.Catalogue.Completion)).Expect(201);
        await _tests.Advance(6 * Day);
        Assert.Equal("1000", await Earned());

        var advanced = await _tests.Advance(Day + TimeSpan.FromMinutes(1));

        Assert.True(advanced.GetProperty("alarms_rung").GetInt32() > 0, advanced.GetRawText());
        Assert.Equal("0", advanced.GetProperty("alarms_left").GetRawText());
        Assert.Equal("1005", await Earned());
    }

    [Fact]
    public async Task The_same_advance_under_a_key_is_one_and_another_body_is_a_conflict()
    {
        await _tests.Advance("""{"advance_seconds":3600}""", "once");
        Assert.Equal("3600", (await _tests.Advance("""{"advance_seconds":3600}""", "once")).Expect(200).Data.GetProperty("offset_seconds").GetRawText());
        (await _tests.Advance("""{"advance_seconds":7200}""", "once")).Refused(409, Codes.IdempotencyConflict);
        Assert.Equal("3600", (await _tests.Get("/test/clock")).GetProperty("offset_seconds").GetRawText());
    }

    [Fact]
    public async Task No_other_tenants_time_moves()
    {
        var (first, second) = (await _api.Client.OpenSession(), await _api.Client.Post("/agent/auth", RunningApi.SecondPlatformKey, """{"agent_id":"a","user_id":"u","scopes":{"budget_limit_cents":10}}"""));
        await _tests.Advance(30 * Day);

        (await _api.Client.Get("/agent/flow/status", first)).Expect(200);
        (await _api.Client.Get("/agent/flow/status", Text(second.Expect(201).Data, "token"))).Expect(200);
        var opened = (await _api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"a","user_id":"u","scopes":{"budget_limit_cents":10}}""")).Expect(201).Data;
        Assert.InRange(DateTimeOffset.Parse(Text(opened, "expires_at"), CultureInfo.InvariantCulture), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow + Day + TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"advance_seconds":1,"to":"2100-01-01T00:00:00Z"}""")]
    [InlineData("""{"advance_seconds":0}""")]
    [InlineData("""{"advance_seconds":-5}""")]
    [InlineData("""{"advance_seconds":31622401}""")]
    [InlineData("""{"advance_seconds":"day"}""")]
    [InlineData("""{"to":"2020-01-01T00:00:00Z"}""")]
    [InlineData("""{"to":"9999-12-31T23:59:59Z"}""")]
    [InlineData("""{"advance_seconds":1,"more":1}""")]
    public async Task What_is_no_advance_is_refused_and_moves_nothing_validation_failed(string body)
    {
        (await _tests.Advance(body)).Refused(422, Codes.ValidationFailed);
        Assert.Equal("0", (await _tests.Get("/test/clock")).GetProperty("offset_seconds").GetRawText());
    }

    [Theory]
    [InlineData("GET", "/test/clock", null)]
    [InlineData("POST", "/test/clock", """{"advance_seconds":60}""")]
    [InlineData("POST", "/test/reset", """{"confirm":"default"}""")]
    [InlineData("GET", "/test/services/summary/answers", null)]
    [InlineData("PUT", "/test/services/summary/answers", """{"answers":[]}""")]
    public async Task A_live_key_is_told_that_it_is_none_for_tests_test_only(string method, string path, string? body) =>
        (await _api.Client.Admin(new(method), path, body)).Refused(403, Codes.TestOnly);

    private async Task StartOfMonth()
    {
        var now = Now(await _tests.Get("/test/clock"));
        var next = new DateTimeOffset(now.Year, now.Month, 1, 12, 0, 0, TimeSpan.Zero).AddMonths(1);
        (await _tests.Advance($$"""{"to":"{{next:yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""")).Expect(200);
    }

    private async Task<string> Earned() => (await _tests.Get("/admin/wallets/agent:agent-1")).GetProperty("balance_cents").GetRawText();

    private static DateTimeOffset Now(JsonElement clock) => DateTimeOffset.Parse(Text(clock, "now"), CultureInfo.InvariantCulture);

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;
}
