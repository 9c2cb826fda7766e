using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// A task is done once a user and campaign, every completion that a session recorded is its user's, and at rest the campaign has
/// counted every one of them: one too many only where its answer came too late to be believed, never one too few.
/// </summary>
public sealed class Tasks(Escrows escrows, Findings findings) : IChecker
{
    private readonly SortedDictionary<Guid, string> _completed = [];
    private readonly HashSet<Guid> _recorded = [];
    private readonly SortedDictionary<string, StreamId> _campaigns = new(StringComparer.Ordinal);

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case UserEvent.TaskCompleted e:
                findings.Expect(_completed.TryAdd(e.Done.CompletionId, e.Done.CampaignId), $"Completion {e.Done.CompletionId} is completed twice.");
                break;
            case SessionEvent.TaskRecorded e:
                findings.Expect(_recorded.Add(e.CompletionId), $"Completion {e.CompletionId} is recorded twice by its session.");
                break;
            case CampaignEvent:
                _campaigns[committed.Stream.Id] = committed.Stream;
                break;
        }
    }

    public void Point() =>
        findings.Expect(_recorded.All(_completed.ContainsKey), "A session recorded a completion that its user's stream does not have.");

    public void Rest()
    {
        foreach (var (campaign, stream) in _campaigns)
        {
            var (counted, done) = (escrows.Completions(stream), _completed.Values.Count(c => c == campaign));
            findings.Expect(counted >= done, $"Campaign {campaign} counts {counted} completions; its users have {done}.");
        }
    }
}
