using System.Globalization;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Models;

namespace Agora.Application.Models;

/// <summary>Before a call is sent: every limit holds the most that it can cost, or it waits for what others hold, is cut to what is free, or waits for its user.</summary>
internal sealed partial class ModelCalls
{
    /// <summary>Every limit holds what the call can cost; or why one does not.</summary>
    /// <param name="attempt">Of this request, from 0 on: each in another place.</param>
    /// <param name="isOurs">It is asked beside the request, which was counted.</param>
    /// <returns>Of a call that is refused because it was made before, its run, too.</returns>
    private async Task<(ModelHold? Hold, RunView? Run, Answer? Refused)> Hold(ModelCaller call, ModelRequest request, (ServiceEntry Model, string? Why) place, int attempt, bool isOurs = false)
    {
        var service = place.Model;
        var (hold, unbounded) = models.Provider(call.Tenant, service.Definition) is not { } provider ? (null, NoProvider(call.Tenant, service)) : ModelHold.Of(service, request, provider.CachesUnasked, call.Now);
        if (unbounded is not null) return (null, null, isOurs ? Core.Kernel.Answer.No(unbounded) : await call.Visit(unbounded));

        return await Hold(call, hold!, place, attempt, isOurs ? call.Info with { IsOurs = true } : call.Info);
    }

    private async Task<(ModelHold? Hold, RunView? Run, Answer? Refused)> Hold(ModelCaller call, ModelHold hold, (ServiceEntry Model, string? Why) chosen, int attempt, RequestInfo info)
    {
        var (service, context, whole, isAsked) = (chosen.Model, call.ContextOf(attempt), hold, false);
        var (me, since, waited, asks, tentative) = (Guid.NewGuid(), time.GetTimestamp(), false, false, true);
        var candidates = service.Definition.Model!.Charges ? await Candidates(call, service) : [];
        for (var tries = 1; ; tries++)
        {
            var answer = await Asked(call, me, Command(info, service, hold, me, chosen.Why, candidates, tentative) with { Waited = waited || asks, Ask = asks && !isAsked }, context);
            if (answer.Reply is RunView { State: RunState.Pending, Caller: { } caller } run)
            {
                return caller == me ? (hold, run, null) : (null, null, Core.Kernel.Answer.No(SessionRejection.CallInFlight));
            }

            if (answer.Reply is RunView { State: RunState.AwaitingApproval } asked)
            {
                using var place = hold.Request.Background ? null : _askers.Begin(call.Owner, call.SentBytes + hold.Request.ContextBytes);
                if (place is null || !await room.IsAnswered(call, asked.RunId, since))
                {
                    return (null, null, Core.Kernel.Answer.No(RunRejection.UserIsAsked(asked.RunId, asked.ApprovalUntil!.Value)));
                }

                // Its own id stands for the question only where it was the one that asked it: a repeat of its key has to find its run.
                (hold, isAsked, waited, since, tries, tentative) = (whole, true, true, time.GetTimestamp(), 0, true);
                context = asked.RunId == context.CommandId ? call.ContextOf(attempt + AskedAnew) : context;
                continue;
            }

            if (answer.Rejection is not { } refused) return (null, answer.Reply as RunView, Core.Kernel.Answer.No(Done));
            if (RunRejection.IsRaised(refused) && !isAsked)
            {
                (context, isAsked) = (call.ContextOf(attempt + AskedAnew), true); // a repeat, whose first try had asked
                continue;
            }

            if (!answer.Replayed && tries <= Tries && FreeTokens(refused) is { } tokens && hold.WithinTokens(tokens) is { } shorter)
            {
                hold = shorter;
                continue;
            }

            var isRecorded = answer.Replayed || refused.Code != Codes.BudgetExceeded || !tentative;
            if (answer.Replayed || FreeMicros(refused) is not { } free)
            {
                if (isRecorded) return (null, null, answer);

                tentative = false;
                continue;
            }

            // First it waits for what others hold; what is free by then is taken, if an answer fits.
            if (tries < Tries && room.Left(call, since) is var left && left > TimeSpan.Zero && await room.Await(call, refused, hold, left) is { } told)
            {
                waited = true;
                if (told.IsRoom) continue;

                free = told.FreeMicros;
            }

            var less = tries <= Tries ? hold.Within(free) : null;
            if (less is null && !isAsked && !asks && refused.Node() is ("session", var session) && session == call.SessionId)
            {
                (hold, asks, tentative) = (whole, true, false); // where nobody is asked it is refused
                continue;
            }

            if (less is null && isRecorded) return (null, null, Core.Kernel.Answer.No(Told(refused, hold)));

            // Nothing smaller would pass: so it is asked for once more as what it is, and a refusal is one.
            tentative &= less is not null;
            hold = less ?? hold;
        }
    }

    /// <summary>Where the answer is lost, the session is told that nobody will call: else it would wait for a word of us, and post what it holds.</summary>
    private async Task<Answer> Asked(ModelCaller call, Guid me, RunCommand.RunService command, CommandContext context)
    {
        try
        {
            return await call.Session.Send(command, context);
        }
        catch (OperatingException)
        {
            _ = GiveUp(call.Session, context.CommandId, me);
            throw;
        }
    }

    private async Task GiveUp(EntityRef<LeafCommand> session, Guid runId, Guid me)
    {
        try
        {
            await End(session, runId, me, Unsent(Codes.Unavailable, "What was asked for was not answered in time, and the model was not called."));
        }
        catch (OperatingException e)
        {
            NotGivenUp(log, runId, e);
        }
    }

    private async Task<IReadOnlyList<Candidate>> Candidates(ModelCaller call, ServiceEntry service)
    {
        var payers = models.PayersOf(call.Tenant, service);
        return payers.AreMany ? payers.Candidates(call.Now, await guide.Completed(call.Caller)) : payers.Candidates(call.Now, named: null);
    }

    private static RunCommand.RunService Command(RequestInfo info, ServiceEntry service, ModelHold hold, Guid me, string? route, IReadOnlyList<Candidate> candidates, bool tentative) => new(
        info, service.ServiceId, service.Terms, new Personal("null"u8.ToArray()), InputHash: "", NamedCampaignId: null, NamedFound: false,
        service.Definition.Model!.Charges ? hold.BoundMicros : null, candidates, Keyed: true, Model: hold.Call(me, route, tentative));

    /// <summary>What the limit that refused would have let pass; null: it was no limit of money.</summary>
    private static long? FreeMicros(Rejection refused) =>
        refused.Code == Codes.BudgetExceeded && refused.FactOf("free_cents") is { } free && Money.TryParseCents(free, out var micros) ? micros : null;

    /// <summary>What a limit of tokens would have let pass; null: it was none.</summary>
    private static long? FreeTokens(Rejection refused) => refused.Code == Codes.BudgetExceeded && refused.FactOf("free_tokens") is { } free && long.TryParse(free, CultureInfo.InvariantCulture, out var tokens) ? tokens : null;

    private static Rejection Told(Rejection refused, ModelHold hold)
    {
        if (FreeMicros(refused) is not { } free) return refused;

        var most = hold.WouldPass(free);
        var sentence = most > 0 ? string.Create(CultureInfo.InvariantCulture, $" A max_tokens of {most} would pass.") : " No answer would fit into that.";
        return (refused with { Message = refused.Message + sentence }).WithRaw("max_tokens_that_pass", most.ToString(CultureInfo.InvariantCulture));
    }
}
