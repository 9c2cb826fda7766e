using Agora.Core;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Replay.Reading;

/// <summary>
/// Replays one tenant's recorded history under a changed policy, user after user, and lists what would have been refused. It reads the journal and
/// writes nothing.
/// <para>Bounds: one user's streams at a time, page by page; <see cref="ReplayBounds"/>. What a bound cut off is said: a user is in the answer whole or not at all. One who is too long for a replay
/// of its own is left out by name, so that whoever goes on where a replay stopped gets on.</para>
/// </summary>
public sealed class PolicyReplayer(IJournal journal, PersonalKeys keys, TimeProvider time, ReplayBounds? bounds = null)
{
    private const int Page = 1_000;
    private readonly ReplayBounds _bounds = bounds ?? ReplayBounds.OfTheProduct;

    public async Task<ReplayReport> Run(Tenant tenant, ReplayRequest request, CancellationToken cancel)
    {
        var (started, policy, tally) = (time.GetTimestamp(), new ChangedPolicy(request.Changes), new ReplayTally(request.Offset + request.Limit, _bounds));
        await foreach (var user in Users(tenant, policy.Users, request.FirstUserId, cancel))
        {
            if (tally.IsFull || IsLate()) return tally.Report(request.Offset, user.Id);

            var counterfactual = new Counterfactual(user, policy, request.From, request.To);
            var replay = new UserReplay(journal, keys, user, counterfactual, Math.Min(_bounds.UserRows, tally.RowsLeft), IsLate);
            var isWhole = await replay.Run(cancel);
            if (!isWhole && replay.Rows <= _bounds.UserRows && !tally.IsEmpty) return tally.Report(request.Offset, user.Id);

            tally.Add(user, replay.Rows, isWhole ? counterfactual : null);
        }

        return tally.Report(request.Offset, null);

        bool IsLate() => time.GetElapsedTime(started) > _bounds.Time;
    }

    private async IAsyncEnumerable<StreamId> Users(Tenant tenant, IReadOnlyList<string>? only, string? first, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var id in (only ?? []).Where(id => first is null || string.CompareOrdinal(id, first) >= 0))
        {
            yield return tenant.User(id);
        }

        if (only is not null) yield break;

        var prefix = tenant.User("").ToString();
        string? after = null;
        if (first is not null)
        {
            after = tenant.User(first).ToString(); // exclusive: the first one's own stream is not in the list
            yield return tenant.User(first);
        }

        while (await journal.Streams(prefix, after, Page, cancel) is { Count: > 0 } page)
        {
            foreach (var name in page)
            {
                yield return StreamId.Parse(name);
            }

            after = page[^1];
        }
    }
}
