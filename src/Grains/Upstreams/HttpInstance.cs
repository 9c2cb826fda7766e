using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Outbound;

namespace Agora.Grains.Upstreams;

/// <summary>
/// A server over Streamable HTTP, by the outbound guard: bounded, never redirected, with a breaker of its own. The stateless revision is tried first, then a handshake. A server that
/// refuses both is called by the stateless revision.
/// </summary>
/// <param name="breaker">Of the instance, not of its upstream: another one may be well.</param>
internal sealed class HttpInstance(IOutbound outbound, Uri url, AuthHeader? auth, string breaker, TimeProvider time) : McpInstance(time)
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const string EventStreams = "text/event-stream";
    private const string RevisionHeader = "MCP-Protocol-Version";
    private const int SessionLength = 1_024;

    private readonly SemaphoreSlim _opening = new(1);
    private Opened? _opened;
    private bool _greets;
    private long _ids;

    private static readonly Opened WithoutSession = new(McpMessages.Stateless, null);

    /// <param name="Session">Null: the server keeps none.</param>
    private sealed record Opened(string Revision, string? Session);

    public override async Task Listen(TimeSpan pause, Action<JsonElement> onMessage, CancellationToken ending)
    {
        var began = Time.GetTimestamp();
        while (pause - Time.GetElapsedTime(began) is var left && left > TimeSpan.Zero && !ending.IsCancellationRequested)
        {
            var turn = left < OutboundLimits.MaxDeadline ? left : OutboundLimits.MaxDeadline;
            var (changed, heard) = (false, 0);
            var result = _opened is { Session: not null } opened
                ? await outbound.Call(
                    Call(null, $"{Guid.CreateVersion7(Time.GetUtcNow())}", opened, null, turn, bytes => ++heard > Limits.UpstreamMessages || (changed |= Heard(bytes)), listens: true), ending)
                : null;
            if (changed) return;

            // Most servers have no stream of this sort, and end it at once.
            if (result is not OutboundResult.Failed { Kind: OutboundFailure.Timeout })
            {
                await Task.Delay(turn, Time, ending);
            }
        }

        bool Heard(ReadOnlyMemory<byte> bytes)
        {
            var messages = McpMessages.Read(bytes);
            foreach (var message in messages)
            {
                onMessage(message);
            }

            return messages.Any(McpMessages.IsListChanged);
        }
    }

    protected override async Task<McpReply> Send(McpRequest request)
    {
        var began = Time.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            var (opened, refused) = await Open(request, Left());
            if (opened is null) return refused!;

            var (reply, status) = await Post(request, opened, Left());

            // It does not know the session any more, so it has done nothing with the request. One that is spoken to without a session and wants one may have been starting when it was greeted.
            var isForgotten = opened.Session is not null && reply is McpReply.Lost && status is 404 or 400;
            if (isForgotten || status is 404 or 405 || (status is 400 && opened.Revision == McpMessages.Stateless))
            {
                Interlocked.CompareExchange(ref _opened, null, opened);
            }

            if (!isForgotten || !isFirst || Left() <= TimeSpan.Zero) return reply;
        }

        TimeSpan Left() => request.Timeout - Time.GetElapsedTime(began);
    }

    private async Task<(Opened? Opened, McpReply? Refused)> Open(McpRequest request, TimeSpan left)
    {
        if (_opened is { } known) return (known, null);

        var began = Time.GetTimestamp();
        if (left <= TimeSpan.Zero || !await _opening.WaitAsync(left)) return (null, new McpReply.Lost(OutboundFailure.Timeout, null, IsSent: false));

        try
        {
            if (_opened is { } meanwhile) return (meanwhile, null);

            left -= Time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) return (null, new McpReply.Lost(OutboundFailure.Timeout, null, IsSent: false));

            return await Handshake(request, left);
        }
        finally
        {
            _opening.Release();
        }
    }

    // The stateless revision is tried first, because a server of it need not know a handshake. With a server that has agreed on a handshake before, the next session begins with the handshake.
    private async Task<(Opened? Opened, McpReply? Refused)> Handshake(McpRequest request, TimeSpan left)
    {
        var began = Time.GetTimestamp();
        var discovered = _greets ? null : await Discover(request, left / 2);
        if (discovered is McpReply.Result { Value: var spoken } && McpMessages.Speaks(spoken, "supportedVersions"))
        {
            return (_opened = WithoutSession, null);
        }

        if (discovered is McpReply.Lost { Kind: not (OutboundFailure.BadStatus or OutboundFailure.Malformed or OutboundFailure.Timeout) } unreached)
        {
            return (null, unreached with { IsSent = false });
        }

        left -= Time.GetElapsedTime(began);
        var asked = Asked(McpMessages.Initialize, McpMessages.WriteInitialize, request, left);
        var (result, reply) = await Exchange(asked, Interlocked.Increment(ref _ids), null, left);
        switch (reply)
        {
            case McpReply.Result initialized when Agreed(initialized.Value) == McpMessages.Stateless:
                return (_opened = WithoutSession, null);
            case McpReply.Result initialized when Agreed(initialized.Value) is { } revision && SessionOf(result) is var (session, isFit) && isFit:
                var opened = new Opened(revision, session);
                left -= Time.GetElapsedTime(began);
                if (left > TimeSpan.Zero)
                {
                    await outbound.Call(Call(McpMessages.Write(McpMessages.Initialized, null, isStateless: false, null), asked.Key, opened, null, left, null), CancellationToken.None);
                }

                (_greets, _opened) = (true, opened);
                return (opened, null);
            case McpReply.Error or McpReply.Lost { Status: 400 or 404 or 405 }:
                _greets = false;
                return (_opened = WithoutSession, null);
            case McpReply.Lost lost:
                return (null, lost with { IsSent = false }); // what was wanted of it was not sent
            default:
                return (null, new McpReply.Lost(OutboundFailure.Malformed, null, IsSent: false));
        }
    }

    /// <summary>Asks the server which revisions it supports. A server of an older revision may refuse the request or not answer it.</summary>
    private async Task<McpReply> Discover(McpRequest request, TimeSpan left)
    {
        var reply = await Ask();
        return reply is McpReply.Error { Code: McpMessages.UnsupportedVersion } refused && McpMessages.Speaks(refused.Data, "supported") ? await Ask() : reply;

        async Task<McpReply> Ask() => (await Exchange(Asked(McpMessages.Discover, static _ => { }, request, left / 2), Interlocked.Increment(ref _ids), WithoutSession, left / 2)).Reply;
    }

    private McpRequest Asked(string method, Action<Utf8JsonWriter> parameters, McpRequest request, TimeSpan left) =>
        new(method, parameters, $"{Guid.CreateVersion7(Time.GetUtcNow())}", left) { Caller = request.Caller, Trace = request.Trace, Room = request.Room };

    private static (string? Session, bool IsFit) SessionOf(OutboundResult result) =>
        result is OutboundResult.Succeeded { Header: { } session } ? (session, session.Length is > 0 and <= SessionLength && !session.AsSpan().ContainsAnyExceptInRange('!', '~')) : (null, true);

    /// <summary>The status is that of a refusal of HTTP; null: there was none.</summary>
    private async Task<(McpReply Reply, int? Status)> Post(McpRequest request, Opened opened, TimeSpan left)
    {
        if (left <= TimeSpan.Zero) return (new McpReply.Lost(OutboundFailure.Timeout, null, IsSent: false), null);

        var id = Interlocked.Increment(ref _ids);
        using var unwanted = request.Unwanted.Register(() => _ = TakeBack(id, opened));
        var (result, reply) = await Exchange(request, id, opened, left);
        return (reply, result is OutboundResult.Succeeded { Status: >= 400 and var status } ? status : null);
    }

    private async Task<(OutboundResult Result, McpReply Reply)> Exchange(McpRequest request, long id, Opened? opened, TimeSpan left)
    {
        McpReply? reply = null;
        var (answered, heard) = (0, 0);
        var body = McpMessages.Write(request.Method, id, opened?.Revision == McpMessages.Stateless, request.Parameters, request.Meta);
        var result = await outbound.Call(Call(body, request.Key, opened, request, left, Taken), CancellationToken.None);
        if (reply is null && heard <= Limits.UpstreamMessages && result is OutboundResult.Succeeded ok)
        {
            Taken(ok.Body);
        }

        return (result, result switch
        {
            OutboundResult.Succeeded { Status: >= 400 and var status } when !IsAnswer(reply, status, opened) => new McpReply.Lost(OutboundFailure.BadStatus, status, IsSent: true),
            OutboundResult.Failed failed => new McpReply.Lost(failed.Kind, failed.Status, failed.Sent > 0),
            _ => reply ?? new McpReply.Lost(OutboundFailure.Malformed, null, IsSent: true),
        });

        bool Taken(ReadOnlyMemory<byte> bytes)
        {
            if (++heard > Limits.UpstreamMessages) return true;

            foreach (var message in McpMessages.Read(bytes))
            {
                if (McpMessages.IsRequest(message))
                {
                    if (++answered <= Limits.UpstreamAsks)
                    {
                        _ = outbound.Call(Call(McpMessages.Answer(message), $"{Guid.CreateVersion7(Time.GetUtcNow())}", opened, null, left, null), CancellationToken.None);
                    }
                }
                else if (McpMessages.ReplyTo(id, message) is { } said)
                {
                    reply ??= said;
                }
                else
                {
                    request.OnMessage?.Invoke(message);
                }
            }

            return reply is not null;
        }
    }

    // In a session, an error with status 404 or 400 and any code but invalid params means that the server has forgotten the session. Every other error is the answer to the request and has the server's words.
    private static bool IsAnswer(McpReply? reply, int status, Opened? opened) =>
        reply is McpReply.Error error && (opened?.Session is null || status is not (404 or 400) || error.Code == McpMessages.InvalidParams);

    // Nobody waits for what it says.
    private Task TakeBack(long id, Opened opened) => outbound.Call(
        Call(
            McpMessages.Write(McpMessages.Cancelled, null, opened.Revision == McpMessages.Stateless, writer => writer.WriteNumber("requestId", id)),
            $"{Guid.CreateVersion7(Time.GetUtcNow())}", opened, null, Limits.TellCancelled, null),
        CancellationToken.None);

    private OutboundCall Call(byte[]? body, string key, Opened? opened, McpRequest? request, TimeSpan left, Func<ReadOnlyMemory<byte>, bool>? onEvent, bool listens = false)
    {
        var headers = new List<AuthHeader>();
        if (opened is not null)
        {
            headers.Add(new(RevisionHeader, opened.Revision));
            if (opened.Session is { } session)
            {
                headers.Add(new(SessionHeader, session));
            }

            if (opened.Revision == McpMessages.Stateless && request is not null)
            {
                headers.Add(new("Mcp-Method", request.Method));
                if (request.Name is { } name)
                {
                    headers.Add(new("Mcp-Name", McpMessages.HeaderOf(name)));
                }

                headers.AddRange(request.Mirrored);
            }
        }

        return new()
        {
            ServiceId = breaker,
            Endpoint = url,
            Body = body is null ? (ReadOnlyMemory<byte>?)null : new(body), // a null array would be an empty body
            Caller = request?.Caller,
            IdempotencyKey = key,
            IsSigned = true,
            ReadsRefusals = true,
            Auth = auth,
            Headers = headers,
            Accept = listens ? EventStreams : $"application/json, {EventStreams}",
            Listens = listens,
            WantedHeader = SessionHeader,
            OnEvent = onEvent,
            MaxAttempts = 1,
            MaxResponseBytes = listens ? Limits.UpstreamHeardBytes : request is null ? OutboundLimits.SmallResponseBytes : Limits.UpstreamAnswerBytes, // no call waits for the reply to an answer or a notification
            Room = request?.Room,
            Traceparent = request?.Trace,
            AttemptTimeout = left < OutboundLimits.MaxDeadline ? left : OutboundLimits.MaxDeadline,
            Deadline = left < OutboundLimits.MaxDeadline ? left : OutboundLimits.MaxDeadline,
        };
    }
}
