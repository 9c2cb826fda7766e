using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.TestTenants;

/// <summary>A tenant for tests that begins anew.</summary>
public sealed class ResetTests : IAsyncLifetime
{
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
    public async Task Nothing_of_before_is_reached_and_the_keys_of_settings_go_on()
    {
        var token = await _tests.Open();
        var key = (await _tests.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        Assert.StartsWith("agk2_test_default_t1.agent-1.", key, StringComparison.Ordinal);
        await _tests.Advance(TimeSpan.FromHours(1));

        var reset = (await _tests.Reset()).Expect(200).Data;

        Assert.Equal((2, 0), (reset.GetProperty("generation").GetInt32(), reset.GetProperty("offset_seconds").GetInt32()));
        (await _api.Client.Get("/agent/flow/status", token)).Refused(401, Codes.TestReset);
        (await _api.Client.Post("/agent/auth", key, """{"agent_id":"agent-1","user_id":"user-1"}""")).Refused(401, Codes.TestReset);
        Assert.Equal("0", (await _tests.Get("/admin/services")).GetProperty("total_count").GetRawText());
        (await _tests.Admin(HttpMethod.Get, "/admin/wallets/agent:agent-1")).Refused(404, Codes.NotFound);
        await _tests.Load();
        await _tests.Put("/test/services/summary/answers", """{"answers":[{"output":{}}]}""");
        (await _tests.Run(await _tests.Open())).Expect(200);
    }

    [Fact]
    public async Task The_same_reset_under_a_key_is_one()
    {
        (await _tests.Reset("once")).Expect(200);
        Assert.Equal("2", (await _tests.Reset("once")).Expect(200).Data.GetProperty("generation").GetRawText());
        Assert.Equal("2", (await _tests.Get("/test/clock")).GetProperty("generation").GetRawText());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"confirm":"second"}""")]
    [InlineData("""{"confirm":"default_t1"}""")]
    [InlineData("""{"confirm":true}""")]
    public async Task Whoever_does_not_name_the_tenant_resets_nothing_validation_failed(string body)
    {
        (await _tests.Admin(HttpMethod.Post, "/test/reset", body)).Refused(422, Codes.ValidationFailed);
        Assert.Equal("1", (await _tests.Get("/test/clock")).GetProperty("generation").GetRawText());
    }

    [Fact]
    public async Task A_hundred_and_first_reset_of_a_day_has_to_wait_rate_limited()
    {
        for (var n = 0; n < Limits.ResetsADay; n++)
        {
            (await _tests.Reset()).Expect(200);
        }

        (await _tests.Reset()).Refused(429, Codes.RateLimited);
    }

    [Fact]
    public async Task An_agents_key_of_the_other_kind_is_not_issued()
    {
        (await _tests.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", """{"test":false}""")).Refused(422, Codes.ValidationFailed);
        (await _api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", """{"test":true}""")).Refused(403, Codes.TestOnly);
        Assert.True((await _tests.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", """{"test":true}""")).Expect(201).Data.GetProperty("test").GetBoolean());
    }
}
