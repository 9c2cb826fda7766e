using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Journal;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Providers;

namespace Agora.Application.Models;

/// <summary>Replies that come piece by piece.</summary>
internal sealed partial class ModelCalls
{
    /// <summary>Of a reply that is kept as it comes, what came within so long is kept at once.</summary>
    private static readonly TimeSpan PartTime = TimeSpan.FromMilliseconds(100);

    /// <summary>The step in which the bytes of a reply are counted.</summary>
    private const int CountedBytes = 64 * 1024;

    private static readonly ProviderFault TooLong = new(FaultKind.Failed, "The call took longer than a call may.");
    private static readonly ProviderFault NoRoom = new(FaultKind.Failed, "The reply was cut off here: there is no room for more of it on this server now.");
    private static readonly ProviderFault NotKept = new(FaultKind.Failed, "The reply could not be kept any more, so no more of it is shown.");

    /// <summary>What comes is passed on as it comes; the last of it when the session has what was spent.</summary>
    private async Task Streamed(IModelClient client, ModelCaller call, Calling caller, ProviderStream stream)
    {
        var keeping = caller.Asked.Background ? await kept.Begin(call, caller.RunId, caller.At, caller.Asked.Model, call.Sent) : null;
        var pieces = client.Begin(caller.Asked, Head(caller));
        await pieces.Flush();

        var shown = new Shown(new Client(pieces, () => SoFar(call, caller)), keeping, time);
        var cut = await Read(caller, stream, shown);
        var reply = stream.Reply.Reply() with { CompletedAt = caller.CompletedAt };
        var end = Ended(caller, reply, stream.IsCounted, cut);
        await End(caller, end);
        await Fill(caller, reply, end);
        if (shown.IsCancelled) return;

        cut ??= await IsKept(call, caller, shown, reply) ? null : NotKept;
        if (cut is null)
        {
            pieces.End(reply);
        }
        else
        {
            ProviderFailed(log, caller.Hold.Service.ServiceId, caller.RunId, cut.Kind, stream.IsCounted ? CallStanding.Known : CallStanding.Unknown);
            if (keeping is not null && !shown.IsLost)
            {
                await Over(keeping);
            }

            pieces.Fail(DialectFaults.Of(cut), reply);
        }

        await pieces.Flush();
    }

    /// <returns>Null: it cannot be read now, or nobody waits for it.</returns>
    private async Task<ModelReply?> SoFar(ModelCaller call, Calling caller)
    {
        try
        {
            return (await kept.Find(call, Responses.IdPrefix + caller.RunId.ToString("N")))?.Reply() ?? KeptReply.Deleted;
        }
        catch (Exception e) when (e is OperatingException or JournalUnavailableException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A reply takes room in memory as it comes. If there is no more room, it is cut off (<see cref="ProviderStream.CutOff"/>) and its stream is read to the end, so that it costs what its provider counts.</summary>
    /// <param name="shown">Null: nobody is.</param>
    /// <returns>Why it is not whole; null: it is.</returns>
    private async Task<ProviderFault?> Read(Calling caller, ProviderStream stream, Shown? shown)
    {
        var (said, counted) = (new List<ModelEvent>(), 0L);
        using var clock = new CancellationTokenSource(Limits.ModelCallAtMost - time.GetElapsedTime(caller.Started), time);
        try
        {
            for (var goesOn = true; goesOn;)
            {
                var next = stream.Read(said, clock.Token);
                if (shown is { Waits: true } && !next.IsCompleted)
                {
                    var reading = next.AsTask();
                    await Task.WhenAny(reading, Task.Delay(shown.Left, time, clock.Token));
                    if (!reading.IsCompleted)
                    {
                        await shown.Flush();
                    }

                    next = new(reading);
                }

                goesOn = await next;
                if (said.FindIndex(static one => one is ModelEvent.Ended) is >= 0 and var last)
                {
                    caller.CompletedAt = NowOf(caller);
                    said[last] = (ModelEvent.Ended)said[last] with { At = caller.CompletedAt };
                }

                if (stream.Reply.IsVisible)
                {
                    Heard(caller, isMeasured: true);
                }

                if (shown is not null)
                {
                    await shown.Take(said, isLast: !goesOn);
                }

                if (goesOn && caller.CompletedAt is null && stream.SaidBytes - counted is >= CountedBytes and var more)
                {
                    counted += more;
                    if (caller.Place?.Grow(more) == false)
                    {
                        stream.CutOff(NoRoom);
                        await (shown?.Flush() ?? default);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (shown is not null)
            {
                await shown.Flush();
            }

            return TooLong;
        }

        return stream.Cut;
    }

    /// <summary>Also where it was not to be; false: it was, and could not be.</summary>
    private async Task<bool> IsKept(ModelCaller call, Calling caller, Shown shown, ModelReply reply)
    {
        try
        {
            if (shown.Keeping is { } keeping && !shown.IsLost)
            {
                await keeping.End(failureCode: null);
            }

            if (shown.Keeping is null && caller.Asked.Store)
            {
                await kept.Keep(call, caller.RunId, caller.At, caller.Asked, reply, caller.CachedAs);
            }

            return !shown.IsLost;
        }
        catch (OperatingException)
        {
            return false;
        }
    }

    /// <summary>That it ended before its end is written, where it can be: else whoever reads it next finds it out.</summary>
    private static async Task Over(KeepingReply keeping)
    {
        try
        {
            await keeping.End(Codes.UpstreamFailed);
        }
        catch (OperatingException)
        {
            // The store is away, which is told elsewhere; the reply reads as one that nobody makes any more.
        }
    }

    /// <summary>Who hears a reply as it comes.</summary>
    private interface IListener
    {
        ValueTask Hear(IReadOnlyList<ModelEvent> said);

        /// <summary>Nothing more is said of it.</summary>
        ValueTask Cancelled();
    }

    /// <param name="cancelled">What is kept of one that was cancelled.</param>
    private sealed class Client(IReplyPieces pieces, Func<Task<ModelReply?>> cancelled) : IListener
    {
        public async ValueTask Hear(IReadOnlyList<ModelEvent> said)
        {
            foreach (var one in said) pieces.Write(one);
            await pieces.Flush();
        }

        public async ValueTask Cancelled()
        {
            if (await cancelled() is { } whole)
            {
                pieces.End(whole);
            }

            await pieces.Flush();
        }
    }

    /// <summary>What is shown: of a reply that is kept only what is durable.</summary>
    private sealed class Shown(IListener listener, KeepingReply? keeping, TimeProvider time)
    {
        /// <summary>More is kept at once than this at no time.</summary>
        private const int PartEvents = 64;

        private readonly List<ModelEvent> _pending = [];
        private readonly HashSet<Type> _seen = [];
        private long _since;

        public KeepingReply? Keeping => keeping;

        /// <summary>Some of it is not shown yet.</summary>
        public bool Waits => _pending.Count > 0;

        /// <summary>The oldest of it waits so much longer at most, however fast the rest comes.</summary>
        public TimeSpan Left => PartTime - time.GetElapsedTime(_since) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

        /// <summary>The store is away, and no more is shown: what a client has seen can always be read again.</summary>
        public bool IsLost { get; private set; }

        /// <summary>Nothing more is wanted of it: its last event is shown already, and what still comes is only counted.</summary>
        public bool IsCancelled => keeping is { IsCancelled: true };

        public async ValueTask Take(List<ModelEvent> said, bool isLast)
        {
            var isFirst = said.Exists(IsNew);
            if (_pending.Count == 0)
            {
                _since = time.GetTimestamp();
            }

            _pending.AddRange(said);
            if (keeping is null || isLast || isFirst || _pending.Count >= PartEvents || Left == TimeSpan.Zero)
            {
                await Flush();
            }
        }

        public async ValueTask Flush()
        {
            if (_pending.Count == 0) return;

            if (!IsCancelled && !IsLost)
            {
                await Keep();
                await (IsCancelled ? listener.Cancelled() : IsLost ? ValueTask.CompletedTask : listener.Hear(_pending));
            }

            _pending.Clear();
        }

        /// <summary>The first text, and the first that is thought: nobody waits for more of it.</summary>
        private bool IsNew(ModelEvent said) =>
            said is ModelEvent.TextAdded or ModelEvent.RefusalAdded or ModelEvent.ArgumentsAdded or ModelEvent.ReasoningAdded or ModelEvent.SummaryAdded && _seen.Add(said.GetType());

        private async ValueTask Keep()
        {
            try
            {
                await (keeping?.Say(_pending) ?? Task.CompletedTask);
            }
            catch (OperatingException)
            {
                IsLost = true;
            }
        }
    }
}
