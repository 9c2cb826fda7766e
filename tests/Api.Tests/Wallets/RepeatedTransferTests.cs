using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Wallets;

/// <summary>A repeat is answered from what was paid, and never from its own words: an erasure destroys the codes by which another body under the same key is known.</summary>
public sealed class RepeatedTransferTests : IAsyncLifetime
{
    private const string Transfer = "/agent/wallet/transfer";
    private const string Run = "/agent/services/summary/run";
    private RunningApi _api = null!;
    private string _token = null!;

    public async Task InitializeAsync()
    {
        _api = await RunningApi.Start();
        await _api.Client.Load();
        await _api.Client.Deposit("agent:agent-1");
        await _api.Client.PutAgents("agent-2", "agent-3");
        _token = (await _api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"budget_limit_cents":100}}"""))
            .Expect(201).Data.GetProperty("token").GetString()!;
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task A_repeat_after_the_users_erasure_says_what_was_paid_without_a_memo()
    {
        var first = (await Pay("agent:agent-2", 10, "for you", "t1")).Expect(200);
        Assert.Equal("for you", (await Pay("agent:agent-2", 10, "for you", "t1")).Expect(200).Data.GetProperty("memo").GetString());
        await Erase();

        foreach (var memo in new[] { "for you", "another", "" })
        {
            var again = (await Pay("agent:agent-2", 10, memo, "t1")).Expect(200);
            Assert.Equal(("true", first.Data.GetProperty("transfer_id").GetString(), "succeeded"), (again.Header("Idempotent-Replayed"), again.Data.GetProperty("transfer_id").GetString(), again.Data.GetProperty("state").GetString()));
            Assert.Equal(("agent:agent-2", "10", ""), (again.Data.GetProperty("to").GetString(), again.Data.GetProperty("amount_cents").GetRawText(), again.Data.GetProperty("memo").GetString()));
        }
    }

    [Theory]
    [InlineData("agent:agent-3", 10)]
    [InlineData("agent:agent-2", 11)]
    public async Task A_repeat_that_pays_otherwise_is_a_conflict_before_and_after_the_users_erasure(string to, int cents)
    {
        (await Pay("agent:agent-2", 10, "", "t1")).Expect(200);

        (await Pay(to, cents, "", "t1")).Refused(409, Codes.IdempotencyConflict);
        await Erase();
        (await Pay(to, cents, "", "t1")).Refused(409, Codes.IdempotencyConflict);
    }

    [Fact]
    public async Task The_key_of_a_run_pays_nobody_and_the_key_of_a_transfer_runs_nothing_after_the_users_erasure()
    {
        (await _api.Client.Admin(HttpMethod.Put, "/admin/services/other", Support.Catalogue.Service)).Expect(200);
        (await _api.Client.Post(Run, _token, """{"input":{"text":"A long text."},"pay_with":"wallet","max_price_cents":25}""", ("Idempotency-Key", "r1"))).Expect(200);
        (await Pay("agent:agent-2", 10, "", "t1")).Expect(200);
        await Erase();

        (await Pay("agent:agent-2", 10, "", "r1")).Refused(409, Codes.IdempotencyConflict);
        (await _api.Client.Post(Run, _token, Support.Catalogue.Input, ("Idempotency-Key", "t1"))).Refused(409, Codes.IdempotencyConflict);
        (await _api.Client.Post(Run.Replace("summary", "other", StringComparison.Ordinal), _token, Support.Catalogue.Input, ("Idempotency-Key", "r1"))).Refused(409, Codes.IdempotencyConflict);
        Assert.Equal("summary", (await _api.Client.Post(Run, _token, Support.Catalogue.Input, ("Idempotency-Key", "r1"))).Expect(200).Data.GetProperty("service_id").GetString());
    }

    private async Task Erase() => (await _api.Client.Admin(HttpMethod.Delete, "/admin/users/user-1/personal-data")).Expect(200);

    private Task<Received> Pay(string to, int cents, string memo, string key) => _api.Client.Post(Transfer, _token, $$"""{"to":"{{to}}","amount_cents":{{cents}},"memo":"{{memo}}"}""", ("Idempotency-Key", key));
}
