using System.Text;
using Agora.Contracts;
using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>It asks what others ask, and takes their reply: whoever asks first calls, dies with the claim now and then, or has nothing to fill it with. All of them hold what a call can cost before they look.</summary>
public sealed partial class ModelClient
{
    /// <summary>So few, that equal requests are many, and others ask the same.</summary>
    private const int Questions = 1;

    private const int MaxAgeSeconds = 40;

    private static readonly byte[] Secret = [1];

    private async Task AskOnce(string session, FakeModels.Model model, string question)
    {
        await Pause(Random.Next(2) == 0 ? Soon : TimeSpan.FromSeconds(60));
        var bound = model.Terms.PriceMicros == 0 ? 0 : Random.NextInt64(1, model.Terms.PriceMicros + 1);
        await Ask(new Request(session, model, Tenant.Catalogue.CandidatesFor(model.Terms.ServiceId), NewSending(), question), bound);
    }

    private async Task<RunView?> CallOnce(Under call, Request request)
    {
        var looked = await Ask(Entities.Session(call.Session), new SessionCommand.Peek(null), NewSending(), "A look at a session", static _ => null);
        if (looked?.Reply is not SessionView me) return await Call(call);

        var agents = string.Join('>', [.. me.Path?.Select(node => node.AgentId) ?? [], me.AgentId]);
        var id = CachedIds.Of(Secret, me.UserId, agents, request.Model.Terms.ServiceId, DateTimeOffset.UnixEpoch, Encoding.UTF8.GetBytes(request.Question!));
        var answer = $"{Tenant.Name}/{me.UserId}/{agents}/{request.Model.Terms.ServiceId}/{request.Question}";
        var (cache, over) = (Entities.Cached(id), 0);
        for (var looks = 0; looks < 30 && !Cluster.Closing; looks++)
        {
            var asked = Cluster.Time.GetUtcNow();
            var claimed = await Ask(cache, new CachedCommand.Claim(call.RunId, call.Session, MaxAgeSeconds), NewSending(), "A claim of a question", static _ => null);
            if (claimed?.Reply is not CachedView view) break;
            if (view.RunId == call.RunId) return view.FilledAt is null ? await CallAndFill(call, cache, answer) : null;
            if (view is { FilledAt: { } filled, Reply: { } reply })
            {
                Taken(view, reply, asked - filled, answer);
                return await Take(call, view);
            }

            await GoOn(call, Soon * Random.NextDouble());
            over = await IsUnderWay(view) ? 0 : over + 1;
            if (over > 4)
            {
                await Ask(cache, new CachedCommand.Release(view.RunId), NewSending(), "A release of what nobody fills", static _ => null);
                over = 0;
            }
        }

        return await Call(call);
    }

    private async Task<bool> IsUnderWay(CachedView view)
    {
        var looked = await Ask(Entities.Session(view.SessionId), new SessionCommand.Peek(view.RunId), NewSending(), "A look at whoever calls", static _ => null);
        return looked?.Reply is not SessionView theirs || theirs.Runs.Any(run => run.RunId == view.RunId && run.State == RunState.Pending);
    }

    private async Task<RunView?> CallAndFill(Under call, EntityRef<CachedCommand> cache, string answer)
    {
        var posted = await Call(call);
        if (Random.Next(8) == 0) return posted; // it dies with the claim

        CachedCommand end = posted?.Payment is { } payment ? new CachedCommand.Fill(call.RunId, payment.AmountMicros, new(Encoding.UTF8.GetBytes(answer))) : new CachedCommand.Release(call.RunId);
        await Ask(cache, end, NewSending(), "The end of a claim", static _ => null);
        return posted;
    }

    /// <summary>Nobody is called for it.</summary>
    private async Task<RunView?> Take(Under call, CachedView view)
    {
        if (Random.Next(10) == 0) return null; // it dies

        await End(call.Session, call.RunId, call.Caller, new(CallStanding.Known, Math.Min(view.CostMicros / 4, call.BoundMicros), Usage: null, FirstMs: 1, TookMs: 1, CachedFrom: view.RunId));
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
