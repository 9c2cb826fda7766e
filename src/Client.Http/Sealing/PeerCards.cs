using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Crypto;

namespace Agora.Client.Http.Sealing;

/// <summary>
/// Keeps an agent's card in the registry as its keys are; seals what it says to whoever takes part, and opens what it hears, by the cards that are there.
/// <para>SealedToMembers: who takes part is asked for each message, so nothing is sealed to an agent that has left. Cards are kept for minutes: a key that another has followed still opens.</para>
/// </summary>
internal sealed class PeerCards(AgoraPeer peer, KeyRing ring, PeerOptions options) : IDisposable
{
    public const string SealedType = "application/vnd.agora.sealed+json";
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (AgentCard Card, long At)> _cards = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _registering = new(1);
    private string? _registered;

    public void Dispose() => _registering.Dispose();

    /// <summary>The registry has this agent's keys as they are now: a key whose epoch is over was followed by the next.</summary>
    public async Task Ready(CancellationToken cancel)
    {
        ring.Rekey();
        if (_registered == ring.KeyIds) return;

        await Register(null, cancel);
    }

    /// <param name="card">Null: what stands, if only the keys are those of the ring.</param>
    public Task Register(PeerCard? card, CancellationToken cancel) => InTurn(() => Put(card, cancel), cancel);

    /// <summary>Between the key before and the card by the next one nothing else is registered, nor rotated: of the two keys that are kept one is the registry's.</summary>
    public Task RotateSigningKey(CancellationToken cancel) => InTurn(
        async () =>
        {
            await Put(null, cancel);
            ring.BeginRotation();
            await Put(null, cancel);
        },
        cancel);

    private async Task InTurn(Func<Task> act, CancellationToken cancel)
    {
        await _registering.WaitAsync(cancel);
        try
        {
            await act();
        }
        finally
        {
            _registering.Release();
        }
    }

    private async Task Put(PeerCard? card, CancellationToken cancel)
    {
        var (keys, stands) = (ring.KeyIds, await Registered(peer.AgentId, cancel));
        if (card is not null || stands is null || ring.KeyIds != KeyRing.KeyIdsOf(stands))
        {
            var signed = ring.SignCard(Said(card ?? new(), stands), stands?.CreatedAt ?? default);
            await Own(HttpMethod.Put, new { card = signed, rotations = ring.Card.Rotations }, cancel);
        }

        ring.EndRotation();
        _registered = keys;
    }

    public async Task Accept(string agentId, CancellationToken cancel) => ring.Accept((await CardOf(agentId, fresh: true, cancel)).Card);

    public async Task<JsonNode?> Seal(JsonNode? content, string? contentType, string conversationId, string messageId, CancellationToken cancel)
    {
        await Ready(cancel);
        var members = (await peer.Conversation(conversationId, cancel)).Data.Members.Where(member => member.Standing is "joined" or "invited").Select(member => member.AgentId).Where(agent => agent != peer.AgentId).ToList();
        return JsonNode.Parse(await ByCards(members, cards => ring.Seal(Encoding.UTF8.GetBytes(content?.ToJsonString() ?? "null"), contentType ?? "application/json", conversationId, messageId, cards), cancel));
    }

    public async Task<Heard> Open(InboxEntryData entry, CancellationToken cancel)
    {
        if (entry is not { Kind: "message", ContentType: SealedType, AgentId: { } sender, MessageId: { } id }) return new(entry);

        await Ready(cancel);
        try
        {
            var opened = await ByCards([sender], cards => ring.Open(entry.Content.GetRawText(), entry.ConversationId, id, cards[0]), cancel);
            using var content = JsonDocument.Parse(opened.Content);
            return new(entry with { Content = content.RootElement.Clone(), ContentType = opened.ContentType }, IsSealed: true);
        }
        catch (SealedException closed)
        {
            return new(entry, IsSealed: true, closed);
        }
        catch (JsonException)
        {
            return new(entry, IsSealed: true, new CannotOpenException("malformed"));
        }
    }

    /// <summary>Done by the cards that are known, and where these do not do it by those that stand now.</summary>
    private async Task<T> ByCards<T>(IReadOnlyList<string> agents, Func<IReadOnlyList<AgentCard>, T> done, CancellationToken cancel)
    {
        for (var fresh = false; ; fresh = true)
        {
            var cards = new List<(AgentCard Card, bool IsFresh)>();
            foreach (var agent in agents) cards.Add(await CardOf(agent, fresh, cancel));
            try
            {
                return done([.. cards.Select(one => one.Card)]);
            }
            catch (SealedException) when (cards.Exists(one => !one.IsFresh))
            {
                // Another card may stand by now.
            }
            catch (KeyChangedException changed)
            {
                options.KeyChanged?.Invoke(new(changed.Agent, changed.Known, changed.Given, IsRotation: false));
                throw;
            }
        }
    }

    private async Task<(AgentCard Card, bool IsFresh)> CardOf(string agent, bool fresh, CancellationToken cancel)
    {
        if (agent == peer.AgentId) return (ring.Card, true);
        if (!fresh && _cards.TryGetValue(agent, out var known) && options.Time.GetElapsedTime(known.At) < Kept) return (known.Card, false);

        var card = AgentCard.Of(await Registered(agent, cancel) ?? throw new CardInvalidException(agent, "it has not registered any"));
        _cards[agent] = (card, options.Time.GetTimestamp());
        return (card, true);
    }

    private async Task<RegistrationData?> Registered(string agent, CancellationToken cancel)
    {
        try
        {
            return agent == peer.AgentId ? await Own(HttpMethod.Get, null, cancel) : (await peer.Send<RegistrationData>(HttpMethod.Get, $"/agents/{agent}", cancel: cancel)).Data;
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    /// <summary>The own card. Where the answer to a rotation was lost the registry takes requests by the next key alone.</summary>
    private async Task<RegistrationData> Own(HttpMethod method, object? body, CancellationToken cancel)
    {
        try
        {
            return (await peer.SendOfCard<RegistrationData>(method, body, cancel)).Data;
        }
        catch (AuthenticationException refused) when (RequestSigner.FaultOf(refused.Code, refused.Details) == "other_key" && ring.TryNext())
        {
            try
            {
                return (await peer.SendOfCard<RegistrationData>(method, body, cancel)).Data;
            }
            catch
            {
                ring.TryFormer();
                throw;
            }
        }
    }

    private JsonObject Said(PeerCard card, RegistrationData? stands)
    {
        var said = stands is null ? new() { ["name"] = peer.AgentId, ["description"] = peer.AgentId, ["skills"] = new JsonArray() } : JsonNode.Parse(JoseText.Decode(stands.Card.Split('.')[1])!)!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(card, Wire.Options)!.AsObject()) said[name] = value?.DeepClone();
        said["version"] = (stands?.Version ?? 0) + 1;
        return said;
    }
}
