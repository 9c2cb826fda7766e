using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Outbound;
using Agora.Outbound.Commands;
using Microsoft.Extensions.Logging;

namespace Agora.Grains.Upstreams;

/// <summary>
/// A server on this machine, spoken to over its standard input and output: started when it is needed, and again after a pause when it has ended. One that does not answer in time, or not in lines that can be read,
/// is ended, and with it all that waits for it.
/// </summary>
internal sealed class CommandInstance(AllowedCommand command, string name, TimeProvider time, ILogger log) : McpInstance(time)
{
    private readonly SemaphoreSlim _opening = new(1);
    private readonly ConcurrentDictionary<long, Waiting> _waiting = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LocalCommand? _running;
    private bool _disposed;
    private bool _isStateless;
    private long _ids;
    private int _failures;
    private long _endedAt;
    private long _usedAt;
    private long _minute;
    private int _logged;
    private int _unasked;
    private int _answering;

    private sealed record Waiting(TaskCompletionSource<McpReply> Reply, Action<JsonElement>? OnMessage);

    public override async Task Listen(TimeSpan pause, Action<JsonElement> onMessage, CancellationToken ending)
    {
        var changed = _changed;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ending);
        await Task.WhenAny(changed.Task, Task.Delay(pause, Time, over.Token));
        await over.CancelAsync();
        Interlocked.CompareExchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously), changed);
    }

    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        _running?.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task<McpReply> Send(McpRequest request)
    {
        var began = Time.GetTimestamp();
        var running = await Open(request.Timeout);
        return running is null ? new McpReply.Lost(OutboundFailure.BreakerOpen, null, IsSent: false) : await Exchange(running, request, request.Timeout - Time.GetElapsedTime(began));
    }

    private async Task<LocalCommand?> Open(TimeSpan timeout)
    {
        if (_running is { Ended.IsCompleted: false } running) return running;

        var began = Time.GetTimestamp();
        if (!await _opening.WaitAsync(timeout)) return null;

        try
        {
            if (_running is { Ended.IsCompleted: false } meanwhile) return meanwhile;
            if (_disposed || (_failures > 0 && Time.GetElapsedTime(_endedAt) < Pause)) return null;

            (_unasked, _isStateless) = (0, false);
            var started = LocalCommand.Start(command, Limits.UpstreamAnswerBytes, Limits.CommandLogLine, Heard, Say);
            if (started is null || !await Handshake(started, timeout - Time.GetElapsedTime(began)))
            {
                started?.Dispose();
                (_failures, _endedAt) = (_failures + 1, Time.GetTimestamp());
                log.CommandNotStarted(name);
                return null;
            }

            _running = started;
            _ = Watch(started);
            if (_disposed)
            {
                started.Dispose();
            }

            return started;
        }
        finally
        {
            _opening.Release();
        }
    }

    private TimeSpan Pause => _failures < 8 && Limits.CommandRestartFirst * (1 << (_failures - 1)) is var pause && pause < Limits.CommandRestartLongest ? pause : Limits.CommandRestartLongest;

    private async Task<bool> Handshake(LocalCommand started, TimeSpan left)
    {
        var reply = left > TimeSpan.Zero ? await Exchange(started, new(McpMessages.Initialize, McpMessages.WriteInitialize, "", left), left) : null;
        var agreed = reply is McpReply.Result initialized ? Agreed(initialized.Value) : null;
        _isStateless = agreed == McpMessages.Stateless || reply is McpReply.Error; // a server of the stateless revision need not know initialize
        return _isStateless || (agreed is not null && await started.Write(McpMessages.Write(McpMessages.Initialized, null, isStateless: false, null), CancellationToken.None));
    }

    // Whatever waits for a process that has ended may have been read by it.
    private async Task Watch(LocalCommand started)
    {
        var began = Time.GetTimestamp();
        while (!started.Ended.IsCompleted)
        {
            using var over = new CancellationTokenSource();
            await Task.WhenAny(started.Ended, Task.Delay(Limits.CommandIdle, Time, over.Token));
            await over.CancelAsync();
            if (_waiting.IsEmpty && Time.GetElapsedTime(_usedAt) >= Limits.CommandIdle)
            {
                started.Dispose(); // its upstream is paused, or gone
            }
        }

        (_failures, _endedAt) = (Time.GetElapsedTime(began) < Limits.CommandRestartLongest ? _failures + 1 : 1, Time.GetTimestamp());
        foreach (var (_, waiting) in _waiting)
        {
            waiting.Reply.TrySetResult(new McpReply.Lost(OutboundFailure.Connection, null, IsSent: true));
        }

        if (!_disposed)
        {
            log.CommandEnded(name);
        }
    }

    private async Task<McpReply> Exchange(LocalCommand running, McpRequest request, TimeSpan left)
    {
        if (left <= TimeSpan.Zero) return new McpReply.Lost(OutboundFailure.Timeout, null, IsSent: false);

        var (id, waiting) = (Interlocked.Increment(ref _ids), new Waiting(new(TaskCreationOptions.RunContinuationsAsynchronously), request.OnMessage));
        (_waiting[id], _usedAt) = (waiting, Time.GetTimestamp());
        using var unwanted = request.Unwanted.Register(() => _ = TakeBack(running, id));
        using var clock = new CancellationTokenSource(left, Time);
        try
        {
            return await running.Write(McpMessages.Write(request.Method, id, _isStateless, request.Parameters, request.Meta), clock.Token)
                ? await waiting.Reply.Task.WaitAsync(clock.Token)
                : new McpReply.Lost(OutboundFailure.Connection, null, IsSent: true);
        }
        catch (OperationCanceledException)
        {
            running.Dispose(); // it hangs; the next call has another
            return new McpReply.Lost(OutboundFailure.Timeout, null, IsSent: true);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    private async Task TakeBack(LocalCommand running, long id)
    {
        using var clock = new CancellationTokenSource(Limits.TellCancelled);
        try
        {
            await running.Write(McpMessages.Write(McpMessages.Cancelled, null, _isStateless, writer => writer.WriteNumber("requestId", id)), clock.Token);
        }
        catch (OperationCanceledException)
        {
            // It reads nothing, and was ended.
        }
    }

    // One that says whatever it likes, and answers nothing, is ended.
    private bool Heard(ReadOnlyMemory<byte> bytes)
    {
        if (Interlocked.Increment(ref _unasked) > Limits.UpstreamMessages) return false;

        foreach (var message in McpMessages.Read(bytes))
        {
            if (McpMessages.IsRequest(message))
            {
                if (_running is { } running)
                {
                    _ = Answer(running, message);
                }

                continue;
            }

            if (McpMessages.IsListChanged(message))
            {
                _changed.TrySetResult();
            }

            foreach (var (id, waiting) in _waiting)
            {
                if (McpMessages.ReplyTo(id, message) is { } reply)
                {
                    _unasked = 0;
                    waiting.Reply.TrySetResult(reply);
                }
                else
                {
                    waiting.OnMessage?.Invoke(message);
                }
            }
        }

        return true;
    }

    // One that asks and does not read is not waited for with ever more answers.
    private async Task Answer(LocalCommand running, JsonElement asked)
    {
        try
        {
            if (Interlocked.Increment(ref _answering) <= Limits.UpstreamAsks)
            {
                await running.Write(McpMessages.Answer(asked), CancellationToken.None);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _answering);
        }
    }

    // Bounded: a server that writes without end fills no log.
    private void Say(string said)
    {
        var now = Time.GetTimestamp();
        if (_minute == 0 || Time.GetElapsedTime(_minute, now) > TimeSpan.FromMinutes(1))
        {
            (_minute, _logged) = (now, 0);
        }

        if (++_logged <= Limits.CommandLogLines)
        {
            log.CommandSaid(name, said);
        }
    }
}

internal static partial class CommandLog
{
    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "The command {Command} could not be started, or does not speak the protocol; it is tried again later")]
    public static partial void CommandNotStarted(this ILogger log, string command);

    [LoggerMessage(EventId = 13, Level = LogLevel.Warning, Message = "The command {Command} has ended; it is started again when it is needed")]
    public static partial void CommandEnded(this ILogger log, string command);

    [LoggerMessage(EventId = 14, Level = LogLevel.Information, Message = "The command {Command} says: {Said}")]
    public static partial void CommandSaid(this ILogger log, string command, string said);
}
