using System.Text.Json;
using Agora.Client.Http;
using Agora.Fuzz.Servers;

namespace Agora.Clients.Tests.CSharp;

/// <summary>src/Client.Http against a server.</summary>
[Collection(nameof(ClientWorld))]
public sealed class LiveTests(ClientWorld world)
{
    private static readonly object Input = new { text = "Agora runs services. Sponsors pay for them. Nothing acknowledged is lost.", sentences = 1 };
    private static readonly object Coffee = new { cups_per_day = 2, place = "home", favourite_times = new[] { "morning" }, comment = "Black, in a large cup." };

    [Fact]
    public async Task The_whole_flow()
    {
        await using var agent = Agent();
        Assert.Contains(await agent.Services("summary").ToListAsync(), service => service.ServiceId == "text-summary");
        Assert.Contains(await agent.Tasks().ToListAsync(), task => task.CampaignId == "morning-coffee-survey");
        Assert.Contains("text-summary", (await agent.Complete("morning-coffee-survey", Coffee, ["data_sharing"])).Data.UnlockedServices);

        var run = (await agent.Run("text-summary", Input)).Data;

        Assert.Equal(("succeeded", 2m, "sponsor"), (run.State, run.Payment!.AmountCents, run.Payment.Source));
        var receipt = await agent.Receipt(run.RunId);
        Assert.Equal(20_000, Receipts.Verify(receipt.Token, await agent.Jwks()).GetProperty("amount_micros").GetInt64());
        Assert.Equal(run.RunId, Assert.Single(await agent.Runs().ToListAsync()).RunId);
        Assert.Contains(await agent.History(pageSize: 2).ToListAsync(), entry => entry.Operation == "run_service");
        Assert.Equal(98m, (await agent.Status()).Data.Budget.RemainingCents);
        await agent.Close();
    }

    [Fact]
    public async Task Lists_are_iterated_page_after_page()
    {
        await using var agent = Agent();
        using var admin = Operator();
        Assert.Equal(await agent.Services().Select(service => service.ServiceId).ToListAsync(), await agent.Services(pageSize: 1).Select(service => service.ServiceId).ToListAsync());

        async Task<List<string>> Listed(int limit) => await admin.All<AuditRowData>("/admin/audit", [new("agent_id", agent.AgentId), new("limit", limit)]).Select(row => row.Id).ToListAsync();
        Assert.Equal(await Listed(100), await Listed(1));
    }

    [Fact]
    public async Task Lost_replies_are_charged_once()
    {
        using var lossy = new Lossy(2);
        await using var agent = Agent(lossy);
        await agent.Complete("morning-coffee-survey", Coffee, ["data_sharing"]);

        var run = await agent.Run("text-summary", Input);

        Assert.True(run.Replayed);
        using var admin = Operator();
        var paid = await admin.All<PaymentRowData>("/admin/payments", [new("agent_id", agent.AgentId)]).ToListAsync();
        Assert.Equal(run.Data.RunId, Assert.Single(paid).RunId);
    }

    [Fact]
    public async Task A_run_that_goes_on_is_waited_for()
    {
        await using var agent = Agent();
        await agent.Complete("morning-coffee-survey", Coffee, ["data_sharing"]);

        var begun = await agent.Run("text-summary", Input, new() { Wait = TimeSpan.Zero });

        Assert.Equal("succeeded", (await agent.WaitFor(begun.Data.RunId)).Data.State);
    }

    [Fact]
    public async Task Money_goes_from_wallet_to_wallet()
    {
        await using var payer = Agent();
        await using var payee = Agent();
        using var admin = Operator();
        await payee.Open();
        await admin.Send<JsonElement>(HttpMethod.Post, $"/admin/wallets/agent:{payer.AgentId}/deposit", new { amount_cents = 10 });

        var paid = (await payer.Transfer($"agent:{payee.AgentId}", 2.5m, "for the text")).Data;

        Assert.Equal("succeeded", paid.State == "pending" ? (await payer.WaitFor(paid.TransferId)).Data.State : paid.State);
        Assert.Equal(7.5m, (await payer.Wallet()).Data.BalanceCents);
        Assert.Equal(2, (await payer.Statement().ToListAsync()).Count);
    }

    [Fact]
    public async Task What_is_delegated_is_narrower()
    {
        await using var agent = Agent();
        await using var below = await agent.Delegate("cs-below", new() { BudgetLimitCents = 10 });

        Assert.Equal(10m, (await below.Status()).Data.Budget.LimitCents);
        Assert.Equal(2, (await agent.Tree()).Data.NodeCount);
    }

    [Fact]
    public async Task Refusals_are_typed()
    {
        await using var agent = Agent();
        var invalid = await Assert.ThrowsAsync<InvalidRequestException>(() => agent.Run("text-summary", new { text = 1 }));
        Assert.Contains("/input/text", invalid.Details.ToString(), StringComparison.Ordinal);
        var unpaid = await Assert.ThrowsAsync<PaymentRequiredException>(() => agent.Run("text-summary", Input));
        Assert.NotEmpty(unpaid.NextActions);
        Assert.NotNull(unpaid.RequestId);
        await Assert.ThrowsAsync<NotFoundException>(() => agent.Run("no-such-service", Input));
        await using var nobody = new AgoraAgent(new() { Url = new(world.Url), Key = "wrong", AgentId = "a", UserId = "u" });
        await Assert.ThrowsAsync<AuthenticationException>(() => nobody.Open());
    }

    [Fact]
    public async Task Next_actions_lead_to_a_paid_run()
    {
        await using var agent = Agent();
        var words = new Dictionary<string, object> { ["output"] = Coffee, ["consents"] = new[] { new { type = "data_sharing", granted = true } }, ["input"] = Input };
        await agent.GetTask("morning-coffee-survey");
        for (var step = 0; step < 8; step++)
        {
            var told = (await agent.Follow(agent.NextActions[0], words)).Data;
            if (!told.TryGetProperty("payment", out _)) continue;

            Assert.Equal("succeeded", told.GetProperty("state").GetString());
            return;
        }

        Assert.Fail("Nothing was paid.");
    }

    private AgoraAgent Agent(HttpMessageHandler? handler = null)
    {
        var name = Guid.NewGuid().ToString("N");
        return new(new() { Url = new(world.Url), Key = ServerUnderTest.PlatformKey, AgentId = $"cs-agent-{name}", UserId = $"cs-user-{name}", Scopes = Scopes.All(100) with { AllowedPayees = ["*"] }, Handler = handler });
    }

    private AgoraOperator Operator() => new(new(world.Url), ServerUnderTest.AdminKey);
}
