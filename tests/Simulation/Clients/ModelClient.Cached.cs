using System.Text;
using Agora.Contracts;
using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>It asks what others ask, and takes their reply: whoever asks first calls, dies with the claim now and then, or has nothing to fill it with.</summary>
public sealed partial class ModelClient
{
    /// <summary>So few that equal requests are many.</summary>
    private const int Questions = 2;

    private const int MaxAgeSeconds = 20;

    private static readonly byte[] Secret = [1];

    private async Task AskOnce(string session, FakeModels.Model model, string question)
    {
        await Pause(Random.Next(2) == 0 ? Soon : TimeSpan.FromSeconds(60));
        var looked = await Ask(Entities.Session(session), new SessionCommand.Peek(null), NewSending(), "A look at a session", static _ => null);
        if (looked?.Reply is not SessionView me) return;

        var agents = string.Join('>', [.. me.Path?.Select(node => node.AgentId) ?? [], me.AgentId]);
        var id = new CacheKey(me.UserId, agents, model.Terms.ServiceId, DateTimeOffset.UnixEpoch).IdOf(Secret, Encoding.UTF8.GetBytes(question));
        var answer = $"{Tenant.Name}/{me.UserId}/{agents}/{model.Terms.ServiceId}/{question}";
        var (request, cache, over) = (new Request(session, model, Tenant.Catalogue.CandidatesFor(model.Terms.ServiceId), NewSending()), Entities.Cached(id), 0);
        for (var looks = 0; looks < 30 && !Cluster.Closing; looks++)
        {
            var (claim, asked) = (new CachedCommand.Claim(request.Sending.CommandId, session, MaxAgeSeconds), Cluster.Time.GetUtcNow());
            if ((await Ask(cache, claim, NewSending(), "A claim of a question", static _ => null))?.Reply is not CachedView view) return;

            if (view.RunId == request.Sending.CommandId)
            {
                await (view.FilledAt is null ? CallOnce(request, cache, answer) : Task.CompletedTask);
                return;
            }

            if (view is { FilledAt: { } filled, Reply: { } reply })
            {
                Taken(view, reply, asked - filled, answer);
                await Ask(request with { From = view.RunId }, view.CostMicros / 4);
                return;
            }

            await Pause(Soon);
            over = (await Ask(Entities.Session(view.SessionId), new SessionCommand.Peek(view.RunId), NewSending(), "A look at whoever calls", static _ => null))?.Reply is SessionView theirs
                && !theirs.Runs.Any(run => run.RunId == view.RunId && run.State == RunState.Pending) ? over + 1 : 0;
            if (over > 4)
            {
                Tenant.CachedReplies.GivenUp(view.RunId);
                await Ask(cache, new CachedCommand.Release(view.RunId), NewSending(), "A release of what nobody fills", static _ => null);
                over = 0;
            }
        }
    }

    private async Task CallOnce(Request request, EntityRef<CachedCommand> cache, string answer)
    {
        var posted = await Ask(request, request.Model.Terms.PriceMicros == 0 ? 0 : Random.NextInt64(1, request.Model.Terms.PriceMicros + 1));
        if (Random.Next(8) == 0) return; // it dies with the claim

        CachedCommand end = posted?.Payment is { } payment ? new CachedCommand.Fill(request.Sending.CommandId, payment.AmountMicros, new(Encoding.UTF8.GetBytes(answer))) : new CachedCommand.Release(request.Sending.CommandId);
        await Ask(cache, end, NewSending(), "The end of a claim", static _ => null);
    }

    /// <summary>A run as any other, for which nobody is called.</summary>
    private async Task<RunView?> Show(Under call)
    {
        if (Random.Next(10) == 0) return null; // it dies

        await End(call.Session, call.RunId, call.Caller, new(CallStanding.Known, call.BoundMicros, Usage: null, FirstMs: 1, TookMs: 1));
        return null;
    }

    private void Taken(CachedView view, Personal reply, TimeSpan age, string answer)
    {
        Cluster.History.CatchUp();
        var shown = Encoding.UTF8.GetString(reply.Utf8.Span);
        Cluster.Findings.Expect(shown == answer, $"Who asked for {answer} is shown {shown}, of run {view.RunId}.");
        var late = age - TimeSpan.FromSeconds(MaxAgeSeconds) - (2 * Cluster.Options.Rates.MaxSkew);
        Cluster.Findings.Expect(Tenant.IsTest || late <= TimeSpan.Zero, $"The reply of run {view.RunId} is shown {late} too late.");
    }
}
