using Agora.Client.Http;
using Agora.Fuzz.Servers;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What src/Client.Http/README.md shows is the body of a test, line by line.</summary>
[Collection(nameof(ClientWorld))]
public sealed class ReadmeTests(ClientWorld world)
{
    private static readonly string[] Left = ["await using var agent"];

    [Fact]
    public async Task What_it_shows_runs()
    {
        await using var agent = new AgoraAgent(new() { Url = new(world.Url), Key = ServerUnderTest.PlatformKey, AgentId = "reader-cs", UserId = "reader-cs-1", Scopes = Scopes.All(budgetLimitCents: 100) });
        var task = (await agent.GetTask("morning-coffee-survey")).Data;
        if (!task.Completed)
        {
            await agent.Complete("morning-coffee-survey", new { cups_per_day = 2, place = "home", favourite_times = new[] { "morning" }, comment = "Black, in a large cup." }, ["data_sharing"]);
        }

        var run = (await agent.Run("text-summary", new { text = "Agora runs services. Sponsors pay for them.", sentences = 1 })).Data;
        var receipt = await agent.Receipt(run.RunId);
        var claims = Receipts.Verify(receipt.Token, await agent.Jwks()); // offline: it asks nobody
        Assert.Equal(run.RunId, claims.GetProperty("run_id").GetString());
    }

    [Fact]
    public void It_shows_what_runs()
    {
        var source = Repository.Text("tests/Clients.Tests/CSharp/ReadmeTests.cs");
        var shown = Repository.Text("src/Client.Http/README.md").Split("```csharp\n")[1].Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(shown.Length > 8);
        Assert.All(shown.Where(line => !Left.Any(line.StartsWith)), line => Assert.Contains(line.Trim(), source, StringComparison.Ordinal));
    }
}
