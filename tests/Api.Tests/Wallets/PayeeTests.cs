using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Wallets;

/// <summary>A transfer goes to somebody's wallet only: what a misspelt name was paid, nobody could reach.</summary>
public sealed class PayeeTests
{
    private const string Transfer = "/agent/wallet/transfer";

    [Theory]
    [InlineData("agent:agnet-2")]
    [InlineData("agent:Agent-2")]
    [InlineData("agent:of-the-second")]
    [InlineData("text-povider")]
    [InlineData("of-the-second")]
    [InlineData("fee")]
    [InlineData("sponsor:survey")]
    public async Task Nobodys_wallet_is_404_which_names_the_field_and_nothing_is_held_or_comes_to_life(string payee)
    {
        await using var api = await RunningApi.Start();
        var token = await Ready(api);
        await api.Client.PutAgents("agent-2");
        (await api.Client.Send(HttpMethod.Put, "/admin/agents/of-the-second", RunningApi.SecondAdminKey, "{}")).Expect(200);
        (await api.Client.Send(HttpMethod.Put, "/admin/services/summary", RunningApi.SecondAdminKey, Support.Catalogue.Service.Replace("text-provider", "of-the-second", StringComparison.Ordinal))).Expect(200);
        var before = api.Activations;

        var refused = (await Pay(api, token, payee, "t1")).Refused(404, Codes.NotFound);
        var again = (await Pay(api, token, payee, "t1")).Refused(404, Codes.NotFound);

        Assert.Equal(("/to", "There is no such wallet to pay."), (refused.Error.GetProperty("details").GetProperty("path").GetString(), refused.Error.GetProperty("message").GetString()));
        Assert.Equal(refused.Error.GetProperty("details").GetRawText(), again.Error.GetProperty("details").GetRawText());
        var mends = refused.NextActions[0];
        Assert.Equal(("transfer", """{"amount_cents":1}"""), (mends.GetProperty("action").GetString(), mends.GetProperty("body").GetRawText()));
        Assert.NotEqual("t1", mends.GetProperty("idempotency_key").GetString());
        Assert.Equal(before, api.Activations);
        var wallet = (await api.Client.Get("/agent/wallet", token)).Expect(200).Data;
        Assert.Equal(("100", "0", "100"), (wallet.GetProperty("available_cents").GetRawText(), wallet.GetProperty("held_cents").GetRawText(), again.Header("Agora-Budget-Remaining-Cents")));
        (await api.Client.Admin(HttpMethod.Get, $"/admin/wallets/{payee}")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task Who_is_there_is_paid_for_the_first_time_as_soon_as_it_is_there()
    {
        await using var api = await RunningApi.Start();
        var token = await Ready(api);
        foreach (var late in new[] { "agent:was-put", "agent:has-a-key", "agent:acts", "text-provider" })
        {
            (await Pay(api, token, late, $"{late}-1")).Refused(404, Codes.NotFound);
        }

        await api.Client.PutAgents("was-put");
        (await Pay(api, token, "agent:was-put", "agent:was-put-2")).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/has-a-key/keys", "{}")).Expect(201);
        (await Pay(api, token, "agent:has-a-key", "agent:has-a-key-2")).Expect(200);
        (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"acts","user_id":"user-9","scopes":{"budget_limit_cents":1}}""")).Expect(201);
        (await Pay(api, token, "agent:acts", "agent:acts-2")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service)).Expect(200);
        (await Pay(api, token, "text-provider", "text-provider-2")).Expect(200);

        Assert.Equal("96", (await api.Client.Get("/agent/wallet", token)).Expect(200).Data.GetProperty("available_cents").GetRawText());
    }

    [Fact]
    public async Task The_provider_of_a_service_that_is_offered_no_more_is_still_paid()
    {
        await using var api = await RunningApi.Start();
        var token = await Ready(api);
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service.Replace("\"category\"", "\"active\":false,\"category\"", StringComparison.Ordinal))).Expect(200);

        (await Pay(api, token, "text-provider", "t1")).Expect(200);
    }

    [Fact]
    public async Task Outside_of_the_scope_nobody_learns_who_is_there()
    {
        await using var api = await RunningApi.Start();
        var token = await Ready(api, """["agent:agent-3"]""");
        await api.Client.PutAgents("agent-2");

        (await Pay(api, token, "agent:agent-2", "t1")).Refused(403, Codes.ScopeViolation);
        (await Pay(api, token, "agent:agnet-2", "t2")).Refused(403, Codes.ScopeViolation);
    }

    private static Task<Received> Pay(RunningApi api, string token, string payee, string key) =>
        api.Client.Post(Transfer, token, $$"""{"to":"{{payee}}","amount_cents":1}""", ("Idempotency-Key", key));

    private static async Task<string> Ready(RunningApi api, string payees = """["*"]""")
    {
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "d1"))).Expect(200);
        return (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, $$$"""{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_payees":{{{payees}}},"budget_limit_cents":100}}""")).Expect(201).Data.GetProperty("token").GetString()!;
    }
}
