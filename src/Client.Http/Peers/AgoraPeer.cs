using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Client.Http.Sealing;

namespace Agora.Client.Http;

/// <summary>An agent among agents: its conversations, its one inbox, and what it asks and answers there. docs/conversations.md says what stands behind it.</summary>
public sealed partial class AgoraPeer : IAsyncDisposable
{
    private const int LeaseSeconds = 60;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly Transport _http;
    private readonly Credential _credential;
    private readonly Credential _registrar;
    private readonly PeerCards? _cards;
    private readonly KeyRing? _ring;
    private readonly bool _seals;

    /// <exception cref="ArgumentException">There is no agent's own key, nor a ring that signs; or they are of two agents.</exception>
    /// <exception cref="KeyRingInvalidException">The file of keys is none, or others can read it.</exception>
    public AgoraPeer(PeerOptions? options = null)
    {
        options ??= new();
        var key = options.Key ?? (options is { Sign: true, Keys: not null } ? null : Environment.GetEnvironmentVariable("AGENT_API_KEY"));
        AgentId = AgoraAgent.AgentOf(key) ?? (key is null && options.Sign ? options.Keys?.Agent : null)
            ?? throw new ArgumentException("A peer needs its agent's own key: give Key, or set AGENT_API_KEY; or Sign, and Keys whose card is registered.", nameof(options));
        (_seals, Cursor, _credential) = (options.Seal, options.Cursor, new(key));
        _registrar = _credential;
        _http = new(options.Url ?? new(Environment.GetEnvironmentVariable("AGENT_API_URL") ?? "http://127.0.0.1:8080"), options.Retry, options.Handler, options.Time);
        if (options is { Seal: false, Sign: false }) return;

        _ring = options.Keys is null ? RingOf(AgentId, options) : null;
        var ring = options.Keys ?? _ring!;
        if (ring.Agent != AgentId) throw new ArgumentException($"The key is {AgentId}'s, and the ring {ring.Agent}'s.", nameof(options));
        _cards = new(this, ring, options);
        if (!options.Sign) return;

        _credential = new(null, ring, options.SessionId, options.Tenant ?? AgoraAgent.TenantOf(key));
        _registrar = key is null ? _credential with { Session = null } : _registrar;
    }

    public string AgentId { get; }

    /// <summary>Where the inbox goes on. Kept wherever the process may end: what comes behind it is what would have come.</summary>
    public string? Cursor { get; private set; }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _cards?.Dispose();
        _ring?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Any route among agents. Without a key the client makes one, and keeps it until there is an answer.</summary>
    public async Task<Reply<T>> Send<T>(HttpMethod method, string path, object? body = null, string? key = null, CancellationToken cancel = default) =>
        await _http.Send<T>(new(method, path, await Credentials(cancel), body, key), cancel);

    /// <summary>What the agent's own card is kept with: its API key, where there is one.</summary>
    internal Task<Reply<T>> SendOfCard<T>(HttpMethod method, object? body, CancellationToken cancel) => _http.Send<T>(new(method, $"/agents/{AgentId}", _registrar, body), cancel);

    /// <summary>Opens a conversation with others: each is told, and hears one message until it joins or answers.</summary>
    /// <param name="participants">Agents, or <c>skill:ID</c>: one that offers it.</param>
    /// <param name="open">Any agent may read it.</param>
    public async Task<Reply<ConversationData>> Open(IEnumerable<string> participants, string? topic = null, bool open = false, CancellationToken cancel = default)
    {
        await Ready(cancel);
        return await Send<ConversationData>(HttpMethod.Post, "/conversations", new { participants, topic, open = open ? true : (bool?)null }, cancel: cancel);
    }

    public Task<Reply<ConversationData>> Conversation(string conversationId, CancellationToken cancel = default) => Send<ConversationData>(HttpMethod.Get, PathOf(conversationId), cancel: cancel);

    /// <summary>Says any JSON value. It is durable when this returns, and said once however often it is tried.</summary>
    /// <exception cref="SealedException">It would be sealed, and a card of those who take part is none, or another's.</exception>
    public async Task<Reply<SaidData>> Say(string conversationId, object? content, SayOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new();
        var (id, said, type) = (options.MessageId ?? NewMessageId(), JsonSerializer.SerializeToNode(content, Wire.Options), options.ContentType);
        return await Said(conversationId, id, !_seals ? (said, type) : (await Cards.Seal(said, type, conversationId, id, cancel), PeerCards.SealedType), options, cancel);
    }

    /// <summary>Replies to a message, once: the reply's id follows from the message's.</summary>
    public Task<Reply<SaidData>> Reply(Heard message, object? content, SayOptions? options = null, CancellationToken cancel = default) => Say(message.ConversationId, content, Replying(message, options), cancel);

    /// <summary>Replies in parts: the request stays open until the last of them, or its deadline.</summary>
    public async Task<Reply<SaidData>> ReplyInParts(Heard message, IAsyncEnumerable<object?> parts, CancellationToken cancel = default)
    {
        var (nth, before) = (0, (object?)null);
        await foreach (var part in parts.WithCancellation(cancel))
        {
            if (nth++ > 0)
            {
                await Reply(message, before, new() { More = true, MessageId = $"reply-{message.MessageId}-{nth - 1}" }, cancel);
            }

            before = part;
        }

        return await Reply(message, before, cancel: cancel);
    }

    /// <summary>Replies in the clear to who runs a service, for Agora reads that: docs/services.md.</summary>
    /// <param name="contentType"><c>application/problem+json</c> says no, and costs nothing.</param>
    public Task<Reply<SaidData>> Serve(Heard run, JsonNode? output, string? contentType = null, CancellationToken cancel = default)
    {
        var options = Replying(run, null);
        return Said(run.ConversationId, options.MessageId!, (output, contentType), options, cancel);
    }

    /// <summary>Asks, and waits for the reply: of one in parts for the last.</summary>
    /// <exception cref="UnansweredException">There is none in time.</exception>
    public async Task<Heard> Ask(string conversationId, object? content, TimeSpan within, SayOptions? options = null, CancellationToken cancel = default) =>
        await AskInParts(conversationId, content, within, options, cancel).LastAsync(cancel);

    /// <summary>Asks, and tells each part of the reply when it comes.</summary>
    /// <param name="within">The time for all of them, as Agora's clock has it.</param>
    /// <exception cref="UnansweredException">The last one does not come in time.</exception>
    public async IAsyncEnumerable<Heard> AskInParts(string conversationId, object? content, TimeSpan within, SayOptions? options = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var id = options?.MessageId ?? NewMessageId();
        var cursor = (await Page(Now, TimeSpan.Zero, cancel)).NextCursor;
        await Say(conversationId, content, (options ?? new()) with { MessageId = id, ReplyWithin = within }, cancel);
        for (var began = _http.Time.GetTimestamp(); _http.Time.GetElapsedTime(began) < within + Grace;)
        {
            var page = await Page(cursor, LongPoll, cancel);
            foreach (var entry in page.Entries.Where(entry => entry.ConversationId == conversationId))
            {
                if (entry.Kind == "unanswered" && entry.MessageId == id) throw new UnansweredException(id);
                if (entry.Kind != "message" || entry.ReplyTo != id) continue;

                yield return await Opened(entry, cancel);
                if (entry.More != true) yield break;
            }

            cursor = page.NextCursor;
        }

        throw new UnansweredException(id);
    }

    public Task<Reply<EnteredData>> Invite(string conversationId, string agentId, CancellationToken cancel = default) => Send<EnteredData>(HttpMethod.Post, $"{PathOf(conversationId)}/invite", new { agent_id = agentId }, cancel: cancel);

    public async Task<Reply<EnteredData>> Join(string conversationId, CancellationToken cancel = default)
    {
        await Ready(cancel);
        return await Send<EnteredData>(HttpMethod.Post, $"{PathOf(conversationId)}/join", cancel: cancel);
    }

    public Task<Reply<EnteredData>> Leave(string conversationId, CancellationToken cancel = default) => Send<EnteredData>(HttpMethod.Post, $"{PathOf(conversationId)}/leave", cancel: cancel);

    public Task<Reply<EnteredData>> Close(string conversationId, CancellationToken cancel = default) => Send<EnteredData>(HttpMethod.Post, $"{PathOf(conversationId)}/close", cancel: cancel);

    /// <summary>Everything up to this entry was received: it becomes no dead letter.</summary>
    public Task<Reply<AcknowledgedData>> Acknowledge(Heard entry, CancellationToken cancel = default) =>
        Send<AcknowledgedData>(HttpMethod.Post, $"{PathOf(entry.ConversationId)}/acknowledge", new { number = entry.Number }, cancel: cancel);

    /// <summary>Says in the registry what this agent is and offers, under its own keys. Needs <see cref="PeerOptions.Seal"/> or <see cref="PeerOptions.Sign"/>.</summary>
    public Task Register(PeerCard card, CancellationToken cancel = default) => Cards.Register(card, cancel);

    /// <summary>Says that this agent is there, again and again until it is cancelled. Skills are asked of agents that are there.</summary>
    public async Task StayOnline(CancellationToken cancel)
    {
        await Cards.Ready(cancel);
        while (true)
        {
            await Send<LeaseData>(HttpMethod.Post, $"/agents/{AgentId}/heartbeat", new { lease_seconds = LeaseSeconds }, cancel: cancel);
            await Task.Delay(TimeSpan.FromSeconds(LeaseSeconds / 3), _http.Time, cancel);
        }
    }

    /// <summary>From now on the key that the registry shows is this peer's, whatever was seen before. Not without asking the peer by another way.</summary>
    public Task Accept(string agentId, CancellationToken cancel = default) => Cards.Accept(agentId, cancel);

    /// <summary>Another signing key in place of the present one, which signs for it, and is destroyed when the registry has the card by the next one. Peers are told.</summary>
    public Task RotateSigningKey(CancellationToken cancel = default) => Cards.RotateSigningKey(cancel);

    /// <summary>It has a card: <see cref="StayOnline"/> can be said of it.</summary>
    public bool IsRegistered => _cards is not null;

    internal static string PathOf(string conversationId) => $"/conversations/{Uri.EscapeDataString(conversationId)}";

    private PeerCards Cards => _cards ?? throw new InvalidOperationException("An agent's card is signed by its keys: set Seal or Sign.");

    /// <summary>Whoever hears of this agent finds its card.</summary>
    private Task Ready(CancellationToken cancel) => _cards?.Ready(cancel) ?? Task.CompletedTask;

    /// <summary>A signature counts by the card that the registry has.</summary>
    private async ValueTask<Credential> Credentials(CancellationToken cancel)
    {
        if (_credential.Keys is not null)
        {
            await Ready(cancel);
        }

        return _credential;
    }

    private static SayOptions Replying(Heard message, SayOptions? options) => (options ?? new()) with { ReplyTo = message.MessageId, MessageId = options?.MessageId ?? $"reply-{message.MessageId}" };

    private static KeyRing RingOf(string agent, PeerOptions options)
    {
        var path = options.KeysPath ?? Environment.GetEnvironmentVariable("AGORA_KEYS") ?? $"{agent}.keys.json";
        var more = new KeyRingOptions { Time = options.Time, Rotated = seen => options.KeyChanged?.Invoke(new(seen.Agent, seen.From, seen.To, IsRotation: true)) };
        return File.Exists(path) ? KeyRing.Load(path, more) : KeyRing.Create(agent, path, more);
    }

    private string NewMessageId() => Guid.CreateVersion7(_http.Time.GetUtcNow()).ToString();

    private Task<Reply<SaidData>> Said(string conversationId, string id, (JsonNode? Content, string? Type) said, SayOptions options, CancellationToken cancel)
    {
        var body = new JsonObject { ["message_id"] = id, ["content"] = said.Content };
        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }

        Add("content_type", said.Type);
        Add("reply_to", options.ReplyTo);
        Add("more", options.More ? true : null);
        Add("reply_within_seconds", options.ReplyWithin is { } within ? (int)Math.Ceiling(within.TotalSeconds) : null);
        Add("ttl_seconds", options.TimeToLive is { } life ? (int)life.TotalSeconds : null);
        Add("on_behalf_of", options.OnBehalfOf is { } asked ? new JsonObject { ["conversation_id"] = asked.ConversationId, ["message_id"] = asked.MessageId } : null);
        return Send<SaidData>(HttpMethod.Post, $"{PathOf(conversationId)}/messages", body, cancel: cancel);
    }
}

/// <summary>Nobody has replied in time. A later reply stands in the conversation, behind the word <c>unanswered</c>.</summary>
public sealed class UnansweredException : AgoraException
{
    internal UnansweredException(string messageId)
        : base(0, new("unanswered", $"There is no reply to {messageId} in time.", null, "never", null, null), null, null) => MessageId = messageId;

    public string MessageId { get; }
}
