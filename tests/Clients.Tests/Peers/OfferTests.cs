using System.Text.Json;
using Agora.Client.Http;
using Agora.Provider.Http;

namespace Agora.Clients.Tests.Peers;

/// <summary>A skill that an agent offers in C#: whoever runs it pays for the reply, and for nothing else.</summary>
[Collection(nameof(ClientWorld))]
public sealed class OfferTests(ClientWorld world) : IDisposable
{
    private readonly Talk _talk = new(world);

    [Fact]
    public async Task A_skill_serves_a_paid_run_and_what_it_refuses_or_fails_costs_nothing()
    {
        await using var seller = await _talk.Peer("seller");
        await seller.Register(new() { Skills = [new(_talk.Id("halve"), "Halving", "Halves even numbers")] });
        var half = AgoraServices.Service<Number, int>(new(_talk.Id("half"), "text", $"agent:{seller.AgentId}") { PriceCents = 4 }, number => number.N switch
        {
            13 => throw new InvalidOperationException("13"),
            var n when n % 2 == 1 => throw new RefusedException("It is odd."),
            var n => n / 2,
        });
        await _talk.Operator.Send<JsonElement>(HttpMethod.Put, $"/admin/services/{_talk.Id("half")}", half.Definition(new($"skill:{_talk.Id("halve")}")));
        await using var buyer = await _talk.Buyer("buyer", seller.AgentId);
        using var ended = new CancellationTokenSource();
        await seller.Send<LeaseData>(HttpMethod.Post, $"/agents/{seller.AgentId}/heartbeat", new { lease_seconds = 60 });
        var offering = seller.Offer([half], ended.Token);

        var run = (await buyer.Run(_talk.Id("half"), new { n = 6 }, new() { MaxPriceCents = 4 })).Data;

        Assert.Equal((3, 4m, seller.AgentId), (run.Output.GetInt32(), run.Payment!.AmountCents, run.ServedBy));
        foreach (var wrong in new[] { 7, 13 })
        {
            await Assert.ThrowsAsync<ServiceFailedException>(() => buyer.Run(_talk.Id("half"), new { n = wrong }, new() { MaxPriceCents = 4, Key = Guid.NewGuid().ToString() }));
        }

        Assert.Equal(96m, (await buyer.Wallet()).Data.AvailableCents);
        await ended.CancelAsync();
        await offering;
    }

    public void Dispose() => _talk.Dispose();

    private sealed record Number(int N);
}
