using System.Text.Json;
using Agora.Client.Http;
using Agora.Client.Http.Sealing;
using Agora.Fuzz.Servers;

namespace Agora.Clients.Tests.Peers;

/// <summary>Agents that talk, each by its own key, with their key rings in a folder of the test's.</summary>
internal sealed class Talk(ClientWorld world) : IDisposable
{
    private readonly string _mark = Guid.NewGuid().ToString("N")[..10];
    private readonly AgoraOperator _operator = new(new(world.Url), ServerUnderTest.AdminKey);

    public string Folder { get; } = Directory.CreateTempSubdirectory("agora-talk-").FullName;

    public AgoraOperator Operator => _operator;

    public string Id(string name) => $"{name}-{_mark}";

    public string PathOf(string name) => Path.Combine(Folder, $"{name}.json");

    public async Task<string> Key(string name)
    {
        await _operator.Send<JsonElement>(HttpMethod.Put, $"/admin/agents/{Id(name)}", new { });
        return (await _operator.Send<JsonElement>(HttpMethod.Post, $"/admin/agents/{Id(name)}/keys", new { })).Data.GetProperty("key").GetString()!;
    }

    public async Task<AgoraPeer> Peer(string name, bool seal = true, Action<KeyWarning>? warned = null, KeyRing? keys = null, HttpMessageHandler? handler = null, string? cursor = null, TimeProvider? time = null, bool sign = false) =>
        new(new() { Url = new(world.Url), Key = await Key(name), Seal = seal, Sign = sign, KeysPath = PathOf(name), KeyChanged = warned, Keys = keys, Handler = handler, Cursor = cursor, Time = time ?? TimeProvider.System });

    /// <summary>Of a user whose grant and wallet pay.</summary>
    public async Task<AgoraAgent> Buyer(string name, params string[] peers)
    {
        var (key, user) = (await Key(name), $"user-of-{Id(name)}");
        await _operator.Send<JsonElement>(HttpMethod.Put, $"/admin/users/{user}", new { attributes = new { } });
        await _operator.Send<JsonElement>(HttpMethod.Put, $"/admin/users/{user}/grants/{Id(name)}", new { scopes = Scopes.All(50) with { AllowedPeers = peers } });
        await _operator.Send<JsonElement>(HttpMethod.Post, $"/admin/wallets/agent:{Id(name)}/deposit", new { amount_cents = 100 });
        return new(new() { Url = new(world.Url), Key = key, UserId = user });
    }

    /// <summary>A conversation that the other has joined.</summary>
    public static async Task<string> Between(AgoraPeer one, AgoraPeer other)
    {
        var talk = (await one.Open([other.AgentId])).Data.ConversationId;
        await other.Join(talk);
        return talk;
    }

    public static async Task<Heard> Next(AgoraPeer peer, CancellationToken cancel = default) => await peer.Inbox(cancel: cancel).FirstAsync(heard => heard.IsMessage, cancel);

    public void Dispose()
    {
        _operator.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
