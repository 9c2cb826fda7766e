using Agora.Api.Runs;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Mcp;

/// <summary>
/// Carries a model's calls out so that none is paid twice, however often and with whatever ids it is repeated. The Idempotency-Key of an attempt follows from the session and the
/// call (<see cref="ToolCall.Key"/>), so a repeat is answered from the journal (ADR 0017), and calls at once meet in the session. Invariants:
/// <list type="bullet">
/// <item>no two attempts of a round are both done, or under way (<see cref="DerivedAttempts"/>);</item>
/// <item>round n + 1 begins only with <c>again</c>, where round n is done;</item>
/// <item>nothing is kept for it: which attempts there are, the journal's keys of this session say: under one of its keys somebody else's command begins nothing here.</item>
/// </list>
/// </summary>
internal sealed class ToolCalls(InnerCalls inner, DerivedKeys keys, DerivedAttempts attempts)
{
    /// <param name="watch">Is given the run's id before each attempt; null: nobody watches.</param>
    public async Task<Reply> Make(ParentRequest parent, ToolCall call, Bearer bearer, CancellationToken cancel, Func<Guid, IDisposable?>? watch = null)
    {
        var (session, token) = (bearer.Session, bearer.Token);
        if (!call.Tool.Changes) return await Send(null);

        var round = call.IsAgain ? Math.Max(0, await attempts.Last(session.Tenant, session.Id, at => call.Key(keys, session.Id, at, 0), -1, cancel)) : 0;
        var reply = await Round(round);
        return call.IsAgain && reply.IsDone ? await Round(round + 1) : reply;

        Task<Reply> Round(int at) => attempts.Make(session.Tenant, session.Id, attempt => call.Key(keys, session.Id, at, attempt), Send, reply => reply.IsStoredFailure, cancel);

        async Task<Reply> Send(string? key)
        {
            using var watching = key is null ? null : watch?.Invoke(Ids.FromKey(session.Tenant.Name, session.Id, key));
            var reply = await inner.Send(Asked(key));
            if (reply.Code != Codes.IdempotencyInFlight || !call.Tool.Operation.MayGoOn) return reply;

            // Its id follows from the key (ADR 0017), so whoever comes second waits for it as the first does.
            var run = Ids.FromKey(session.Tenant.Name, session.Id, key!);
            var looked = await inner.Send(new(parent, RunEndpoints.Get, token, [("run_id", run.ToString("D"))]) { Prefer = $"wait={(int)Limits.RunWait.TotalSeconds}", Cancel = cancel });
            return looked.IsUnderWay ? call.Tool.Operation.Data == RunEndpoints.Get.Data ? looked : reply : await inner.Send(Asked(key));
        }

        InnerRequest Asked(string? key) => new(parent, call.Tool.Operation, token, call.Ids, call.Body) { Parameters = call.Query, Key = key, Cancel = cancel };
    }
}
