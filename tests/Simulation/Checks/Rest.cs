using Agora.Contracts;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Checks;

/// <summary>
/// When everything has come to rest: no step is unfinished, no alarm is set, each live activation stands exactly where a replay
/// of its stream from the first row does, and the query tables are what a rebuild makes of the journal. A tenant that was reset answers so, and its alarms are out.
/// </summary>
public sealed class Rest(Func<string, bool> isOver, History history, Func<History> anew, IJournal journal, EntityPorts ports, Entities entities, Findings findings)
{
    private const int Tries = 5;
    private const int MostRows = 100_000;

    /// <param name="begunBefore">Steps that began later are not looked at: a reward that was due lately is on its way. Null: no step may be left.</param>
    public void Check(DateTimeOffset? begunBefore = null)
    {
        history.CatchUp();
        foreach (var (name, log) in history.Streams.Where(stream => !isOver(stream.Value.Stream.Tenant)).ToList())
        {
            if (log.Events is [.., { Event: CampaignEvent.TransferSent, At: var at }] && at > begunBefore) continue;

            findings.Expect(log.Replay.Unfinished is null, $"{name} is left with unfinished steps: {log.Replay.Unfinished}.");
        }

        history.Rest(isOver);
    }

    /// <summary>One that was set for a run which was approved long before its time may stand until then, one of a service that pauses, one of a message by which an agent was asked for a run, for nobody else's live so long, and one with which a conversation counts its day.</summary>
    public async Task CheckAlarms()
    {
        foreach (var alarm in await journal.Alarms(long.MaxValue, null, MostRows, CancellationToken.None))
        {
            findings.Expect(
                IsToBe(alarm)
                || history.Count<RunEvent.AwaitsApproval>(StreamId.Parse(alarm.Stream), (e, _) => e.Run.Waiting.ExpiresAt.ToMicros() == alarm.AtMicros) > 0
                || (alarm.AtMicros > ports.Time.GetUtcNow().ToMicros() && history.Count<ConversationEvent.Opened>(StreamId.Parse(alarm.Stream), static (e, _) => Talk.IsOfRuns(e.Limits)) > 0)
                || IsOfCount(alarm)
                || history.Count<ServiceEvent.Disabled>(StreamId.Parse(alarm.Stream), (e, _) => e.View.RetryAt?.ToMicros() == alarm.AtMicros) > 0,
                $"{alarm.Stream} has an alarm left, for {Timestamps.FromMicros(alarm.AtMicros):O}.");
        }
    }

    // A conversation counts its day when the day is over.
    private bool IsOfCount(Alarm alarm) =>
        alarm.AtMicros > ports.Time.GetUtcNow().ToMicros() && history.Streams.TryGetValue(alarm.Stream, out var log) && log.Stream.Kind == ConversationEntity.Kind && log.Replay.Due?.ToMicros() == alarm.AtMicros;

    // Of a tenant that was reset it goes out as it rings, by the world's time.
    private bool IsToBe(Alarm alarm) => isOver(StreamId.Parse(alarm.Stream).Tenant) && alarm.AtMicros > ports.Time.GetUtcNow().ToMicros();

    /// <summary>Each stream is asked by a command that changes nothing; a stale activation is fenced off and the next one asked.</summary>
    public async Task CompareLiveStates(Func<Guid> newId)
    {
        var replayed = anew(); // as the journal reads now: what was personal of a user who was erased since is gone
        replayed.Read();
        foreach (var (name, log) in replayed.Streams.ToList())
        {
            for (var tries = 0; ; tries++)
            {
                var before = log.Head.Seq;
                LiveStates.Probe = newId();
                var reply = await entities.Send(log.Stream, new(LiveStates.Probe.Value, null, log.Replay.Tick, IsStep: true), CancellationToken.None);
                if (reply.Body is Answer answer)
                {
                    findings.Expect(isOver(log.Stream.Tenant) == (answer.Rejection?.Code == Codes.TestReset), $"{name} answers {answer.Rejection?.Code ?? "as ever"}, and its tenant was{(isOver(log.Stream.Tenant) ? "" : " not")} reset.");
                    replayed.Read();
                    if (IsSeen(log) || log.Head.Seq == before || tries == Tries) break; // a webhook may read on while it is asked
                }
                else if (tries == Tries || reply.Body is OperatingFailure { Kind: FailureKind.Defect })
                {
                    findings.Add($"{name} does not answer at rest: {reply.Body}.");
                    return;
                }
            }

            findings.Expect(isOver(log.Stream.Tenant) || IsSeen(log), $"{name} lives in another state than a replay of its {log.Head.Seq} rows gives.");
        }

        LiveStates.Probe = null;
    }

    private static bool IsSeen(StreamLog log) => LiveStates.Seen is { } seen && seen.AsSpan().SequenceEqual(log.Replay.Save());

    /// <summary>The last check: it writes.</summary>
    public async Task CompareTables()
    {
        var written = await Tables();
        await new Rebuilder(ports.Journal, ports.Keys).Run(CancellationToken.None);
        var rebuilt = await Tables();
        findings.Expect(written.SequenceEqual(rebuilt), $"A rebuild changes the tables: {written.Except(rebuilt).FirstOrDefault()} is not {rebuilt.Except(written).FirstOrDefault()}.");
    }

    private async Task<List<string>> Tables()
    {
        var rows = new List<string>();
        foreach (var table in Manifest.Tables)
        {
            var page = await journal.Query(new(TableShapes.Of(table), [], [], 0, MostRows), CancellationToken.None);
            rows.AddRange(page.Rows.Select(row => $"{table.Name} of {row.Stream} #{row.Seq}: {string.Join(" | ", row.Values)}"));
        }

        return rows;
    }
}
