using Agora.Grains.Services;
using Agora.Outbound;

namespace Agora.Grains.Tests.Services;

/// <summary>Connections to one server are shared by tenant and user.</summary>
public sealed class ConnectionPlacesTests
{
    private readonly ConnectionPlaces _places = new();

    [Fact]
    public async Task One_user_whose_calls_all_wait_for_a_server_leaves_connections_to_others_of_its_tenant_and_to_other_tenants()
    {
        using var ending = new CancellationTokenSource();
        var greedy = Enumerable.Range(0, 2 * OutboundLimits.MaxConnectionsPerServer).Select(_ => Take("a", "greedy", ending.Token)).ToList();
        Assert.Equal(256, greedy.Count(static taken => taken.IsCompleted));

        var others = await Task.WhenAll([.. Enumerable.Range(0, 20).Select(n => Take("a", $"u{n}")), .. Enumerable.Range(0, 50).Select(_ => Take("b", "u")), Take(null, "")]).WaitAsync(Hang.Timeout);

        await ending.CancelAsync();
        Assert.All(others, static place => place.Dispose());
        foreach (var taken in greedy[..256]) (await taken).Dispose();
        foreach (var waited in greedy[256..]) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waited.WaitAsync(Hang.Timeout));
        Assert.Equal(0, _places.Servers);
    }

    [Fact]
    public async Task Users_of_one_name_at_two_tenants_take_none_of_each_others_connections()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 256).Select(_ => Take("a", "u")));

        var other = Take("b", "u");

        Assert.True(other.IsCompletedSuccessfully);
        Assert.All([.. taken, await other], static place => place.Dispose());
    }

    [Fact]
    public async Task Who_waits_gets_the_connection_that_another_gives_back_and_another_server_has_its_own()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 256).Select(_ => Take("a", "u")));
        var waiting = Take("a", "u");
        Assert.False(waiting.IsCompleted);
        using (await Take("a", "u", server: "https://service.example:444/").WaitAsync(Hang.Timeout)) Assert.Equal(2, _places.Servers);

        taken[0].Dispose();

        taken[0] = await waiting.WaitAsync(Hang.Timeout);
        Assert.All(taken, static place => place.Dispose());
        Assert.Equal(0, _places.Servers);
    }

    private Task<IDisposable> Take(string? tenant, string user, CancellationToken cancel = default, string server = "https://service.example/run") => _places.Take(
        new() { ServiceId = "s", Endpoint = new(server), Body = null, IdempotencyKey = "k", Caller = tenant is null ? null : new(user, "agent", tenant) }, cancel);
}
