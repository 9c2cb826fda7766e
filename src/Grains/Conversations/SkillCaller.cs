using Agora.Core.Access;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Outbound;

namespace Agora.Grains.Conversations;

/// <summary>
/// Has a run done by an agent that offers its service's skill. One is chosen and asked, with a share of the run's time; where it does not reply in that, says no, or cannot be asked, the next one is. Whatever the
/// former says later stands behind its conversation's word that there was no reply in time, and changes nothing: the run has one output, and one payment.
/// </summary>
/// <param name="breakers">Null: an agent that fails is asked as any other.</param>
public sealed class SkillCaller(AgentCaller agents, SkillChooser chooser, TimeProvider time, AgentBreakers? breakers = null)
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <returns>Refused: nobody is there who may be asked.</returns>
    public async Task<OutboundResult> Call(Tenant tenant, string skill, ServiceCall call, TimeSpan timeout, string? trace, CancellationToken unwanted)
    {
        var (unheard, started) = (new List<string>(), time.GetTimestamp());
        var result = await Ask(tenant, skill, call, timeout, unheard, trace, unwanted);
        if (result is OutboundResult.Succeeded) return result;

        // Before nobody is paid: one of those that were followed by the next may have replied in time all the same.
        foreach (var agent in unheard)
        {
            if (await agents.Look(tenant, agent, call with { Deadline = call.Deadline - time.GetElapsedTime(started) }) is { } late)
            {
                return late with { By = agent, Attempts = result.Attempts };
            }
        }

        return result;
    }

    /// <param name="unheard">Agents that were asked, and of whom no reply was heard.</param>
    private async Task<OutboundResult> Ask(Tenant tenant, string skill, ServiceCall call, TimeSpan timeout, List<string> unheard, string? trace, CancellationToken unwanted)
    {
        var (started, within) = (time.GetTimestamp(), timeout < call.Deadline ? timeout : call.Deadline);
        var passed = new HashSet<string>(call.Path, StringComparer.Ordinal) { call.AgentId };
        OutboundResult last = new OutboundResult.Failed(OutboundFailure.Refused, null, 0);
        for (var tries = TalkLimits.AskedInTurn; tries > 0 && !unwanted.IsCancellationRequested;)
        {
            using var chosen = await chooser.Choose(tenant, skill, agent => ScopeRules.Covers(call.Peers, agent), passed, call.RunId, call.AgentId);
            var (gone, left) = (time.GetElapsedTime(started), within - time.GetElapsedTime(started));
            if (chosen is null || left < (last.Attempts > 0 ? Least : TimeSpan.FromTicks(1))) return last;

            var (agent, share) = (chosen.AgentId, left / Math.Min(tries, chosen.Others + 1));
            Task<OutboundResult> AskIt(CancellationToken token) => agents.Ask(tenant, agent, call with { Deadline = call.Deadline - gone }, share > Least ? share : Least, trace, token);
            var asked = await (breakers?.Ask($"{tenant.Name}/{agent}", new(call.UserId, call.AgentId), AskIt, unwanted) ?? AskIt(unwanted));
            switch (asked)
            {
                case OutboundResult.Succeeded ok:
                    return ok with { By = agent, Attempts = last.Attempts + ok.Attempts };
                case OutboundResult.Failed { Kind: OutboundFailure.BreakerOpen }:
                    last = last is OutboundResult.Failed { Kind: OutboundFailure.Refused } ? asked : last;
                    break;
                case OutboundResult.Failed { Kind: OutboundFailure.TooLarge }:
                    return asked;
                default:
                    if (asked is OutboundResult.Failed { Kind: OutboundFailure.Timeout })
                    {
                        unheard.Add(agent);
                    }

                    (last, tries) = (asked with { Attempts = last.Attempts + asked.Attempts }, tries - 1);
                    break;
            }
        }

        return last;
    }
}
