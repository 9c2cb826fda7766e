using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Models;

namespace Agora.Web;

/// <summary>
/// One authenticated request of an agent. Handlers gather facts on it, and send it to its session's stream: there revocation,
/// suspension, rate and audit are decided, for requests that are wrong as well as for those that are right.
/// </summary>
internal sealed class AgentCall(Request request, Operation operation, SessionOf session, PlaceOwner owner, Received received, RateWindow? taken, AgentGate gate)
    : RequestCall(request, received, gate.TimeOf(session.Tenant), gate.Options)
{
    /// <summary>The header in which a client says which route it wishes a router to take.</summary>
    private const string RouteWish = "Agora-Route";

    private string _summary = "";
    private StandingCredential? _standing;

    /// <summary>For another view of the same request.</summary>
    public Received Received { get; } = received;

    public string SessionId { get; } = session.Id;

    public Tenant Tenant { get; } = session.Tenant;

    /// <summary>The session needs the command itself to see what it is about, though its content may be wrong (<see cref="Operation{T}.SubjectFirst"/>).</summary>
    public bool SubjectFirst { private get; set; }

    /// <summary>Fixed at first use: resending after a conflict must carry the same id.</summary>
    public CommandContext Context { get => field ??= ContextOf(Tenant, SessionId, SessionCalls.KeyKept); init; }

    /// <summary>The owner of the places that the call takes.</summary>
    public PlaceOwner Owner { get; } = owner;

    /// <summary>As it stands now: read it after the request was bound.</summary>
    public RequestInfo Info => new(
        operation.StoredName,
        operation.Endpoint,
        Excerpt.Of(_summary, Limits.SummaryLength),
        gate.Policy,
        Findings.Violations is { Count: > 0 } violations ? violations : null,
        Findings.Malformed,
        taken);

    public override string Id(string name)
    {
        var id = PathValue(name);
        if (!DisplayText.IsId(id))
        {
            Findings.Malform(id.Length == 0 ? $"{name} is missing." : $"{name} does not match {DisplayText.IdPattern}"); // a call of a tool can leave out what a path cannot
            return "";
        }

        _summary = _summary.Length == 0 ? $"{name}={id}" : $"{_summary} {name}={id}";
        return id;
    }

    /// <summary>The call as use cases and its session see it. Read it after the request was bound: it has what was found wrong up to then.</summary>
    public AgentCaller Caller => new(Tenant, SessionId, Context, Info) { IsPart = IsPart, SubjectFirst = SubjectFirst, IsKeyed = IsKeyed, Patience = Prefers.Patience(Options.RunWait), Words = Words };

    /// <summary>The call as models see it. Read it after the request was bound.</summary>
    public ModelCaller ForModels => field ??= new(Caller, gate.Sessions)
    {
        Owner = Owner,
        Sent = Sent,
        Wait = Prefers.Wait,
        Wish = Header(RouteWish) is [{ } wish] ? wish : null,
        MaxAge = most => CacheControl.MaxAge(this, most),
        GiveBack = GiveBack,
        Cancel = Cancel,
    };

    /// <inheritdoc cref="SessionCalls.Visit"/>
    public Task<Answer> Visit(Rejection? refused = null) => gate.Sessions.Visit(Caller, refused);

    /// <summary>Of a request that is refused: the session counts it, and refuses first what it refuses.</summary>
    public async Task<Rejection> Refusal(Rejection why) => (await Visit(why)).Rejection ?? why;

    /// <summary>Of an answer that goes on: whether its session is still let in, as far as can be told.</summary>
    public async Task<bool> Stands() => await (_standing ??= new(Look, gate.TimeOf(session.Tenant))).Refusal() is null;

    private async Task<CredentialState> Look() => await gate.Sessions.Peek(Caller) is { } view ? new(view.Refusal(Now)) : new(ClockRejection.Over);
}
