using System.ComponentModel.DataAnnotations;
using Agora.Client.Http;
using Agora.Clients.Tests.Peers;
using Agora.Fuzz.Servers;
using Agora.Provider.Http;
using Microsoft.AspNetCore.Builder;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What the READMEs of src/Client.Http and src/Provider.Http show is the body of a test, line by line.</summary>
[Collection(nameof(ClientWorld))]
public sealed class ReadmeTests(ClientWorld world)
{
    private static readonly string[] Left = ["await using var agent", "await using var me", "await using var peer", "app.Run("];

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
    public async Task The_service_that_it_shows_is_mapped()
    {
        string[] args = [];
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.AddAgoraServices(new Uri("http://127.0.0.1:9000"));
        var app = builder.Build();
        var shout = app.MapAgoraService<Shout, string>(new("shout", "text", "provider-shout") { PriceCents = 1, Description = "Says it louder." }, shout => shout.Text.ToUpperInvariant());
        Console.WriteLine(shout.Definition(new Uri("http://127.0.0.1:9000"))); // the body of PUT /admin/services/shout
        Assert.Equal(1000, (int)shout.InputSchema["properties"]!["text"]!["maxLength"]!);
        await app.DisposeAsync();
    }

    [Fact]
    public async Task The_agents_that_they_show_talk_and_sell()
    {
        using var agents = new Talk(world);
        var (key, other) = (await agents.Key("me"), agents.Id("other"));
        await using var peer = await agents.Peer("other");
        await peer.Register(new() { Skills = [new("shout", "Shouting", "Says it louder.")] });
        var answering = Answer(peer);
        await using var me = new AgoraPeer(new() { Url = new(world.Url), Key = key, Seal = true, KeysPath = agents.PathOf("me") });
        var talk = (await me.Open([other])).Data.ConversationId;
        var reply = await me.Ask(talk, new { rate = 7 }, within: TimeSpan.FromSeconds(60));
        Console.WriteLine(reply.Content);
        Assert.Equal("yes", reply.Read<string>());
        await answering;

        using var ended = new CancellationTokenSource();
        var shout = AgoraServices.Service<Shout, string>(new("shout", "text", "provider-shout") { PriceCents = 1 }, shout => shout.Text.ToUpperInvariant());
        Console.WriteLine(shout.Definition(new Uri("skill:shout"))); // the body of PUT /admin/services/shout
        Assert.Equal("skill:shout", (string?)shout.Definition(new Uri("skill:shout"))["endpoint"]);
        await ended.CancelAsync();
        await peer.Offer([shout], ended.Token);
    }

    private static async Task Answer(AgoraPeer me)
    {
        await foreach (var heard in me.Inbox())
        {
            await me.Acknowledge(heard);
            if (heard.Entry.ReplyBy is null) continue;
            await me.Reply(heard, "yes");
            return;
        }
    }

    [Theory]
    [InlineData("src/Client.Http/README.md")]
    [InlineData("src/Provider.Http/README.md")]
    public void It_shows_what_runs(string readme)
    {
        var source = Repository.Text("tests/Clients.Tests/CSharp/ReadmeTests.cs");
        var shown = Repository.Text(readme).Split("```csharp\n").Skip(1).SelectMany(block => block.Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.True(shown.Count >= 12);
        Assert.All(shown.Where(line => !Left.Any(line.StartsWith)), line => Assert.Contains(line.Trim(), source, StringComparison.Ordinal));
    }

    private sealed record Shout([property: StringLength(1000, MinimumLength = 1)] string Text);
}
