using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Checks;

/// <summary>
/// When everything has come to rest: no step is unfinished, no alarm is set, and each live activation stands exactly where a
/// replay of its stream from the first row does.
/// </summary>
public sealed class Rest(History history, IJournal journal, Entities entities, Findings findings)
{
    private const int Tries = 5;

    public void Check()
    {
        history.CatchUp();
        foreach (var (name, log) in history.Streams.ToList())
        {
            findings.Expect(log.Replay.Unfinished is null, $"{name} is left with unfinished steps: {log.Replay.Unfinished}.");
        }

        history.Rest();
    }

    public async Task CheckAlarms()
    {
        foreach (var alarm in await journal.Alarms(long.MaxValue, null, 1, CancellationToken.None))
        {
            findings.Add($"{alarm.Stream} has an alarm left, for {Timestamps.FromMicros(alarm.AtMicros):O}.");
        }
    }

    /// <summary>Each stream is asked by a command that changes nothing; a stale activation is fenced off and the next one asked.</summary>
    public async Task CompareLiveStates(Func<Guid> newId)
    {
        foreach (var (name, log) in history.Streams.ToList())
        {
            for (var tries = 0; ; tries++)
            {
                LiveStates.Probe = newId();
                var reply = await entities.Send(log.Stream, new(LiveStates.Probe.Value, null, log.Replay.Tick, IsStep: true), CancellationToken.None);
                if (reply.Body is Answer)
                {
                    break;
                }

                if (tries == Tries || reply.Body is OperatingFailure { Kind: FailureKind.Defect })
                {
                    findings.Add($"{name} does not answer at rest: {reply.Body}.");
                    return;
                }
            }

            history.CatchUp();
            findings.Expect(LiveStates.Seen is { } seen && seen.AsSpan().SequenceEqual(log.Replay.Save()), $"{name} lives in another state than a replay of its {log.Head.Seq} rows gives.");
        }

        LiveStates.Probe = null;
    }
}
