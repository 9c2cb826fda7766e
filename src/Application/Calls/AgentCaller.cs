using Agora.Application.Language;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Calls;

/// <summary>An agent that calls within its session, by whichever door: what a use case and the session need to know of the call.</summary>
/// <param name="Context">Id, idempotency key and trace of the call's command. A repeat of a call with a key has the same id.</param>
/// <param name="Request">What the session counts, refuses and audits.</param>
internal sealed record AgentCaller(Tenant Tenant, string SessionId, CommandContext Context, RequestInfo Request)
{
    /// <summary>The session has counted the page that this call is part of, so it does not count the call again.</summary>
    public bool IsPart { get; init; }

    /// <summary>The session decides what the command is about before it refuses the command's content.</summary>
    public bool SubjectFirst { get; init; }

    /// <summary>The caller sent an idempotency key.</summary>
    public bool IsKeyed { get; init; }

    /// <summary>How long the caller waits for an outcome. Zero if it does not wait.</summary>
    public TimeSpan Patience { get; init; }

    /// <summary>The language of what the caller is shown. Null if it is English.</summary>
    public Words? Words { get; init; }

    /// <summary>Why the call is refused for what was sent. Null if nothing is wrong with it.</summary>
    public Rejection? Wrong => Request.Malformed ?? (Request.Violations is { } violations ? AccessRejection.Invalid(violations) : null);

    /// <summary>The call could not be read, or its content is wrong.</summary>
    public bool IsWrong => Request.Malformed is not null || Request.Violations is not null;

    /// <summary>The call with these findings added, as far as there is room for them (<see cref="Findings.Most"/>).</summary>
    public AgentCaller Violating(params IReadOnlyList<Detail> violations) =>
        violations.Count == 0 ? this : this with { Request = Request with { Violations = [.. (Request.Violations ?? []).Concat(violations).Take(Findings.Most)] } };

    /// <summary>The call as one that cannot be read. The first reason stands.</summary>
    public AgentCaller Malformed(Rejection why) => this with { Request = Request with { Malformed = Request.Malformed ?? why } };
}
