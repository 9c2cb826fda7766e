using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agora.Api.Http;

/// <summary>
/// One authenticated request of an agent. Handlers read it, gather facts, and send it to its session's stream: there revocation,
/// suspension, rate and audit are decided, for requests that are wrong as well as for those that are right.
/// </summary>
internal sealed class AgentCall(HttpContext http, Operation operation, string sessionId, Body body, string? key, Findings findings, RateWindow? taken, AgentGate gate) : IDisposable
{
    private string _summary = "";

    public string SessionId { get; } = sessionId;

    public HttpContext Http { get; } = http;

    public Operation Operation { get; } = operation;

    public Findings Findings { get; } = findings;

    public Fields Body { get; } = new(body.Root, "", findings);

    public void Dispose() => body.Dispose();

    /// <summary>Made where it is read: parsing a query is not for routes that take none.</summary>
    public QueryFields Query => field ??= new(Http.Request.Query, Findings);

    public bool IsKeyed => key is not null;

    public bool LooksForDuplicates => gate.Policy.DuplicateWindowSeconds > 0;

    /// <summary>Fixed at first use: resending after a conflict must carry the same id.</summary>
    public CommandContext Context => field ??= IdempotencyKeys.Context(
        key,
        SessionId,
        key is null ? "" : IdempotencyKeys.BodyHash(Http.Request, body.Raw),
        Limits.SessionMaxAge + Limits.ClientKeyKept,
        gate.Time);

    /// <summary>An id from the route; null, and the request malformed, when it has not the form of one.</summary>
    public string? PathId(string name)
    {
        var id = (string?)Http.GetRouteValue(name);
        if (id is null || !DisplayText.IsId(id))
        {
            Findings.Malform($"{name} does not match {DisplayText.IdPattern}");
            return null;
        }

        _summary = _summary.Length == 0 ? $"{name}={id}" : $"{_summary} {name}={id}";
        return id;
    }

    /// <summary>As it stands now: read it after the request was bound.</summary>
    public RequestInfo Info => new(
        Operation.Name,
        Operation.Endpoint,
        _summary.Length <= Limits.SummaryLength ? _summary : _summary[..Limits.SummaryLength],
        gate.Policy,
        Findings.Violations is { Count: > 0 } violations ? violations : null,
        Findings.Malformed,
        taken);

    /// <summary>A read, or a request that the edge refuses: the session answers with its own refusal first, where it has one.</summary>
    public Task<Answer> Visit(Rejection? refused = null) => gate.Session(SessionId).Send(new SessionCommand.Visit(Info, refused), Fresh());

    /// <summary>
    /// A request that is wrong carries no facts to decide on: it only visits. Except where scope comes before what is wrong with the content:
    /// there the session needs the command itself to see what it is about.
    /// </summary>
    public Task<Answer> Send(SessionCommand command) =>
        Findings.Refusal is null || (Findings.Malformed is null && command is (SessionCommand.CompleteTask or SessionCommand.ClaimTask or SessionCommand.RunService or SessionCommand.Transfer { To.Length: > 0 }))
            ? gate.Session(SessionId).Send(command, Context)
            : Visit();

    /// <summary>A question beside the command, or in its place: it takes no key.</summary>
    public Task<Answer> Ask(SessionCommand command) => gate.Session(SessionId).Send(command, Fresh());

    /// <summary>Of method, path and body as received.</summary>
    public string RequestHash => IdempotencyKeys.BodyHash(Http.Request, body.Raw);

    /// <summary>The session as it is now, without audit and rate.</summary>
    /// <param name="underWay">Only this run is looked for; null: the latest.</param>
    public Task<Answer> Peek(Guid? underWay = null) => gate.Session(SessionId).Send(new SessionCommand.Peek(underWay), Fresh());

    /// <summary>Whose session it is; null of one that is not there, which refuses whatever is sent.</summary>
    public async Task<string?> User() => (await Peek()).Reply is SessionView session ? session.UserId : null;

    /// <summary>Of a query beside the command.</summary>
    public CommandContext Fresh() => IdempotencyKeys.Context(null, "", "", default, gate.Time);
}
