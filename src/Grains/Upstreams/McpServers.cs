using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Grains.Kernel;
using Agora.Grains.Services;
using Agora.Models;
using Agora.Outbound;
using Agora.Outbound.Commands;
using Microsoft.Extensions.Logging;

namespace Agora.Grains.Upstreams;

/// <summary>
/// Upstreams by the Model Context Protocol. Of each what its definition says is kept until it says otherwise: connections, sessions, processes. A call goes to the instance with the least under way, and to another one
/// only where the first surely has not got it, or the tool may be repeated.
/// </summary>
public sealed class McpServers(IOutbound outbound, IReadOnlyList<AllowedCommand> commands, TimeProvider time, ILogger<McpServers> log) : IToolServers, IAsyncDisposable
{
    private readonly ConcurrentDictionary<StreamId, Pool> _pools = new();

    private sealed record Pool(int Course, IReadOnlyList<McpInstance> Instances)
    {
        private int _changed;
        private long _usedAt;

        public long UsedAt { get => Volatile.Read(ref _usedAt); set => Volatile.Write(ref _usedAt, value); }

        /// <summary>One of them said that its list changed, and it was not read since.</summary>
        public bool HasChanged { get => Volatile.Read(ref _changed) == 1; set => Volatile.Write(ref _changed, value ? 1 : 0); }

        public McpInstance? Best(IReadOnlyCollection<McpInstance> tried) =>
            Instances.Where(instance => !tried.Contains(instance)).OrderBy(instance => instance.IsUnwell).ThenBy(instance => instance.InFlight).FirstOrDefault();
    }

    public async Task<UpstreamOutcome> List(StreamId upstream, UpstreamAccess access, CancellationToken ending)
    {
        if (PoolOf(upstream, access) is not { } pool) return new UpstreamOutcome.Failed(UpstreamFailures.CommandUnknown);

        pool.HasChanged = false;
        var began = time.GetTimestamp();
        UpstreamOutcome outcome = new UpstreamOutcome.Failed(UpstreamFailures.Unreachable);
        var tried = new List<McpInstance>();
        using var room = new OutputRoom(HeldBytes.Places, new(upstream.Tenant));
        while (pool.Best(tried) is { } instance && Limits.UpstreamListAtMost - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero && !ending.IsCancellationRequested)
        {
            outcome = await List(pool, instance, room, left);
            if (outcome is UpstreamOutcome.Listed) return outcome;

            tried.Add(instance);
        }

        return outcome;
    }

    public async Task Listen(StreamId upstream, UpstreamAccess access, TimeSpan pause, CancellationToken ending)
    {
        if (PoolOf(upstream, access) is not { } pool)
        {
            await Task.Delay(pause, time, ending);
        }
        else if (!pool.HasChanged)
        {
            await (pool.Best([]) ?? pool.Instances[0]).Listen(pause, message => Note(pool, message), ending);
        }
    }

    public async Task<ToolAnswer> Call(StreamId upstream, UpstreamAccess access, ToolRequest request)
    {
        if (PoolOf(upstream, access) is not { } pool) return new(new OutboundResult.Failed(OutboundFailure.Refused, null, 0), false);

        var (began, tried, attempts, sent) = (time.GetTimestamp(), new List<McpInstance>(), 0, 0);
        McpReply reply = new McpReply.Lost(OutboundFailure.Connection, null, IsSent: false);
        while (pool.Best(tried) is { } instance && request.Deadline - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero && !request.Unwanted.IsCancellationRequested)
        {
            attempts++;
            reply = await instance.Ask(Request(pool, request, left));
            if (reply is not McpReply.Lost lost) break;

            sent += lost.IsSent ? 1 : 0;
            if (lost.IsSent && !(request.MayRepeat && MayPass(lost))) break;

            tried.Add(instance);
        }

        return new(Result(reply, attempts, sent), pool.HasChanged);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, pool) in _pools)
        {
            await Drop(pool);
        }
    }

    private static bool MayPass(McpReply.Lost lost) => lost.Kind is OutboundFailure.Connection or OutboundFailure.Timeout || lost.Status is 502 or 503 or 504;

    private static McpRequest Request(Pool pool, ToolRequest request, TimeSpan left) => new(
        McpMessages.CallTool,
        writer =>
        {
            writer.WriteString("name", request.Tool);
            writer.WritePropertyName("arguments");
            writer.WriteRawValue(IsObject(request.Arguments) ? request.Arguments.Span : "{}"u8, skipInputValidation: true);
        },
        request.RunId.ToString("D"),
        request.Timeout < left ? request.Timeout : left)
    {
        Name = request.Tool,
        Mirrored = request.Mirrored is { } mirrored && IsObject(request.Arguments) ? McpMessages.HeadersOf(mirrored, request.Arguments) : [],
        Meta = writer => McpMessages.WriteRun(writer, request.RunId, request.OnProgress is not null),
        Caller = request.Caller,
        Trace = request.Trace,
        Unwanted = request.Unwanted,
        Room = request.Room,
        OnMessage = message =>
        {
            Note(pool, message);
            if (request.OnProgress is { } onProgress && McpMessages.ProgressOf(request.RunId, message) is { } note)
            {
                onProgress(note);
            }
        },
    };

    private static bool IsObject(ReadOnlyMemory<byte> json) => json.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static void Note(Pool pool, JsonElement message)
    {
        if (McpMessages.IsListChanged(message))
        {
            pool.HasChanged = true;
        }
    }

    private static OutboundResult Result(McpReply reply, int attempts, int sent) => reply switch
    {
        McpReply.Result { Value: var value } => Output(value, attempts),
        McpReply.Error error => new OutboundResult.Failed(OutboundFailure.BadStatus, error.Code == McpMessages.InvalidParams ? 422 : 500, attempts) { Sent = sent + 1, Words = Words(error.Message) },
        McpReply.Lost lost => new OutboundResult.Failed(lost.Kind, lost.Status, attempts) { Sent = sent },
        _ => throw new System.Diagnostics.UnreachableException(reply.GetType().Name),
    };

    /// <summary>The server's words, shortened to <see cref="Limits.ToolFailureLength"/>. Null if there are none.</summary>
    private static string? Words(string? said) => string.IsNullOrWhiteSpace(said) ? null : Excerpt.Marked(said, Limits.ToolFailureLength);

    /// <summary>What is structured, where it is; else what it said as it said it.</summary>
    private static OutboundResult Output(JsonElement result, int attempts)
    {
        var hasFailed = result.TryGetProperty("isError", out var isError) && isError.ValueKind == JsonValueKind.True;
        if (hasFailed || McpMessages.TextOf(result, "resultType") is not (null or "complete"))
        {
            return new OutboundResult.Failed(OutboundFailure.BadStatus, 422, attempts) { Sent = attempts, Words = hasFailed ? Words(McpMessages.SaidIn(result)) : null };
        }

        var isStructured = result.TryGetProperty("structuredContent", out var structured) && structured.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
        var output = isStructured ? structured.GetRawText() : $$"""{"content":{{(result.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array ? content.GetRawText() : "[]")}}}""";
        var bytes = Encoding.UTF8.GetBytes(output);
        return bytes.Length <= Limits.ToolOutputBytes ? new OutboundResult.Succeeded(200, bytes, attempts) : new OutboundResult.Failed(OutboundFailure.TooLarge, null, attempts) { Sent = attempts };
    }

    private async Task<UpstreamOutcome> List(Pool pool, McpInstance instance, OutputRoom room, TimeSpan left)
    {
        var (began, tools, names, bytes, cursor) = (time.GetTimestamp(), new List<OfferedTool>(), new HashSet<string>(StringComparer.Ordinal), 0, (string?)null);
        for (var page = 0; page < Limits.UpstreamPages; page++)
        {
            var remains = left - time.GetElapsedTime(began);
            if (remains <= TimeSpan.Zero) return new UpstreamOutcome.Failed(UpstreamFailures.Timeout);

            var asked = cursor;
            var reply = await instance.Ask(new(McpMessages.ListTools, asked is null ? static _ => { } : writer => writer.WriteString("cursor", asked), $"{Guid.CreateVersion7(time.GetUtcNow())}", remains < Limits.RunDeadline ? remains : Limits.RunDeadline)
            {
                Room = room.Enter,
                OnMessage = message => Note(pool, message),
            });
            if (reply is not McpReply.Result { Value: var value } || !value.TryGetProperty("tools", out var listed) || listed.ValueKind != JsonValueKind.Array)
            {
                return new UpstreamOutcome.Failed(CodeOf(reply));
            }

            foreach (var tool in listed.EnumerateArray().Select(ToolReader.Read).OfType<OfferedTool>().Where(tool => names.Add(tool.Name)))
            {
                tools.Add(tool);
                bytes += tool.Name.Length + (tool.Title?.Length ?? 0) + tool.Description.Length + (tool.InputSchema?.Length ?? 0) + (tool.OutputSchema?.Length ?? 0);
                if (tools.Count > Limits.UpstreamTools) return new UpstreamOutcome.Failed(UpstreamFailures.TooManyTools);
                if (bytes > Limits.UpstreamOfferBytes) return new UpstreamOutcome.Failed(UpstreamFailures.TooLarge);
            }

            cursor = McpMessages.TextOf(value, "nextCursor");
            if (string.IsNullOrEmpty(cursor)) return new UpstreamOutcome.Listed(tools);
        }

        return new UpstreamOutcome.Failed(UpstreamFailures.TooManyTools);
    }

    private static string CodeOf(McpReply reply) => reply switch
    {
        McpReply.Lost { Kind: OutboundFailure.Timeout } => UpstreamFailures.Timeout,
        McpReply.Lost { Kind: OutboundFailure.Refused or OutboundFailure.Redirect } => UpstreamFailures.Refused,
        McpReply.Lost { Kind: OutboundFailure.TooLarge } => UpstreamFailures.TooLarge,
        McpReply.Lost { Status: 401 or 403 } => UpstreamFailures.Unauthorized,
        McpReply.Lost { Kind: OutboundFailure.Connection or OutboundFailure.Tls or OutboundFailure.BreakerOpen or OutboundFailure.Unsigned or OutboundFailure.NoRoom } => UpstreamFailures.Unreachable,
        _ => UpstreamFailures.Protocol,
    };

    /// <summary>Null: the command is not known here, or not the tenant's.</summary>
    private Pool? PoolOf(StreamId upstream, UpstreamAccess access)
    {
        while (true)
        {
            if (_pools.TryGetValue(upstream, out var known) && known.Course >= access.Course)
            {
                known.UsedAt = time.GetTimestamp();
                return known;
            }

            if (Made(upstream, access) is not { } made) return null;

            made.UsedAt = time.GetTimestamp();

            if (known is null ? _pools.TryAdd(upstream, made) : _pools.TryUpdate(upstream, made, known))
            {
                if ((known ?? Unused(upstream.Tenant)) is { } over)
                {
                    _ = Drop(over);
                }

                return made;
            }
        }
    }

    // That an upstream was deleted nobody is told here. Where there are more than a tenant may have, the one that was asked nothing for the longest is taken away.
    private Pool? Unused(string tenant)
    {
        var pools = _pools.Where(one => one.Key.Tenant == tenant).ToList();
        var unused = pools.MinBy(one => one.Value.UsedAt);
        return pools.Count > Limits.Upstreams && _pools.TryRemove(unused) ? unused.Value : null;
    }

    private Pool? Made(StreamId upstream, UpstreamAccess access)
    {
        if (access.Urls is { } urls)
        {
            var auth = access is { AuthHeader: { } header, Secret: { } secret } ? new AuthHeader(header, secret.Read<string>()!) : null;
            return new(access.Course, [.. urls.Select(url => new HttpInstance(outbound, new(url), auth, $"{upstream} {url}", time))]);
        }

        return AllowedCommand.Find(commands, access.Command, Tenant.Of(upstream).Live) is { } allowed
            ? new(access.Course, [new CommandInstance(allowed, $"{allowed.Name} ({upstream.Tenant}/{upstream.Id})", time, log)])
            : null;
    }

    private static async Task Drop(Pool pool)
    {
        foreach (var instance in pool.Instances)
        {
            await instance.DisposeAsync();
        }
    }
}
