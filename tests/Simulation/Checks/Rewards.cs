using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// What tasks earn. Each user is paid for a campaign's task at most once, the agent that did it, the amount that was held for it, and only for a
/// completion that its user's stream has; not while it is disputed, and not when it was returned before. A reward is returned only
/// where a consent was withdrawn or a dispute ended so. In the end nothing is held but what is disputed.
/// </summary>
/// <param name="heardWithin">So long a campaign may not have heard of a withdrawal: the storm, and 120 s after it.</param>
public sealed class Rewards(Findings findings, TimeSpan heardWithin) : IChecker
{
    private readonly SortedDictionary<Guid, Held> _held = [];
    private readonly SortedSet<Guid> _disputed = [];
    private readonly SortedDictionary<(string Campaign, string User), (RewardView Reward, DateTimeOffset At)> _paid = [];
    private readonly SortedSet<Guid> _takenBack = [];
    private readonly SortedSet<Guid> _completed = [];
    private readonly SortedDictionary<Guid, DateTimeOffset> _withdrawn = [];
    private readonly SortedDictionary<Guid, string> _agents = [];
    private readonly SortedDictionary<(string User, string Campaign), Guid> _completions = [];

    public int Paid => _paid.Count;

    /// <summary>Completions with a reward that an operator might have an opinion of, with their campaigns.</summary>
    public IReadOnlyList<(string Campaign, Guid Completion)> Open => [.. _held.Where(h => !h.Value.IsClaim).Select(h => (h.Value.Campaign, h.Key))];

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case UserEvent.TaskClaimed e:
                _agents[e.CompletionId] = e.AgentId;
                break;
            case UserEvent.TaskCompleted e:
                _completed.Add(e.Done.CompletionId);
                _completions[(committed.Stream.Id, e.Done.CampaignId)] = e.Done.CompletionId;
                break;
            case UserEvent.ConsentWithdrawn e:
                _withdrawn.TryAdd(_completions[(committed.Stream.Id, e.CampaignId)], committed.At);
                break;
            case CampaignEvent e:
                Apply(committed.Stream.Id, e, committed.At);
                break;
        }
    }

    public void Point()
    {
        foreach (var (paid, at) in _paid.Values)
        {
            findings.Expect(
                !_withdrawn.TryGetValue(paid.CompletionId, out var withdrawn) || at - withdrawn < heardWithin,
                $"Campaign {paid.CampaignId} paid for {paid.CompletionId} {at - withdrawn} after a consent of it was withdrawn.");
            findings.Expect(_completed.Contains(paid.CompletionId), $"Campaign {paid.CampaignId} paid {paid.UserId} for completion {paid.CompletionId}, which never was.");
            findings.Expect(_agents.GetValueOrDefault(paid.CompletionId) == paid.AgentId, $"Campaign {paid.CampaignId} paid {paid.AgentId} for what {_agents.GetValueOrDefault(paid.CompletionId)} did.");
        }

        findings.Expect(_takenBack.All(_withdrawn.ContainsKey), $"Reward {_takenBack.FirstOrDefault(id => !_withdrawn.ContainsKey(id))} was taken back without a reason.");
    }

    /// <summary>Every claim had its time, every delay is over, and 120 s more.</summary>
    public void Over() => findings.Expect(
        _held.Keys.All(_disputed.Contains),
        $"A reward is still held for {_held.Keys.FirstOrDefault(id => !_disputed.Contains(id))}, which is neither under way nor disputed.");

    private void Apply(string campaign, CampaignEvent happened, DateTimeOffset at)
    {
        switch (happened)
        {
            case CampaignEvent.RewardClaimed e:
                Hold(e.ClaimId, new(campaign, e.Reward, IsClaim: true));
                break;
            case CampaignEvent.CompletionCounted e:
                if (e.ClaimId is { } claim)
                {
                    _held.Remove(claim);
                }

                if (e.Reward is { } reward)
                {
                    Hold(e.CompletionId, new(campaign, reward, IsClaim: false));
                }

                break;
            case CampaignEvent.CompletionUncounted e:
                findings.Expect(!_disputed.Contains(e.CompletionId), $"Completion {e.CompletionId} is uncounted though its reward is disputed.");
                _held.Remove(e.CompletionId);
                break;
            case CampaignEvent.RewardDisputed e:
                findings.Expect(_held.ContainsKey(e.View.CompletionId), $"Campaign {campaign} has a dispute of {e.View.CompletionId}, for which it holds nothing.");
                _disputed.Add(e.View.CompletionId);
                break;
            case CampaignEvent.RewardReleased e:
                findings.Expect(_disputed.Remove(e.View.CompletionId), $"Campaign {campaign} releases {e.View.CompletionId}, which is not disputed.");
                break;
            case CampaignEvent.RewardReturned e:
                findings.Expect(_held.Remove(e.View.CompletionId), $"Campaign {campaign} takes back {e.View.CompletionId}, for which it holds nothing.");
                if (!_disputed.Remove(e.View.CompletionId))
                {
                    _takenBack.Add(e.View.CompletionId);
                }

                break;
            case CampaignEvent.RewardPaid e:
                Pay(campaign, e.View, at);
                break;
        }
    }

    private void Hold(Guid id, Held held) => findings.Expect(_held.TryAdd(id, held), $"Campaign {held.Campaign} holds a reward for {id} twice.");

    private void Pay(string campaign, RewardView paid, DateTimeOffset at)
    {
        var user = _held.Remove(paid.CompletionId, out var held) ? StreamId.Parse(held.Terms.Owner).Id : null;
        findings.Expect(user == paid.UserId && held!.Terms.AmountMicros == paid.AmountMicros && !held.IsClaim, $"Campaign {campaign} paid {paid}; it held {held}.");
        findings.Expect(!_disputed.Contains(paid.CompletionId), $"Campaign {campaign} paid {paid.CompletionId} while it was disputed.");
        findings.Expect(_paid.TryAdd((campaign, paid.UserId), (paid, at)), $"Campaign {campaign} paid {paid.UserId} twice.");
    }

    private sealed record Held(string Campaign, RewardHeld Terms, bool IsClaim);
}
