using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Web;

/// <summary>A request of an agent to others, and who it is that asks.</summary>
internal sealed class PeerCall : RequestCall
{
    private const string AgentInPath = "agent_id";

    private readonly AgentCall? _visitor;
    private readonly string _credential;
    private readonly string? _agentId;
    private readonly StandingCredential _standing;
    private AgentCaller? _within;

    /// <summary>By a key.</summary>
    public PeerCall(Request request, KeyHolder holder, Received received, TimeProvider time, ApiOptions options, StandingCredential standing)
        : base(request, received, time, options) => (Tenant, _credential, _agentId, _standing) = (holder.Tenant, holder.Credential, holder.AgentId, standing);

    /// <summary>Within a session, which has yet to admit it (<see cref="Within"/>).</summary>
    public PeerCall(Request request, AgentCall visitor, TimeProvider time, ApiOptions options, StandingCredential standing)
        : base(request, visitor.Received, time, options) => (Tenant, _credential, _visitor, _standing) = (visitor.Tenant, visitor.SessionId, visitor, standing);

    public Tenant Tenant { get; }

    /// <summary>As whom the request is made; of a platform that vouches, the agent that the path names.</summary>
    public string AgentId => Session?.AgentId ?? _agentId ?? PathValue(AgentInPath);

    /// <summary>Within which the agent acts, as it was when it admitted the request; null: it came with a key.</summary>
    public SessionView? Session { get; private set; }

    /// <summary>With what it came: a key of the agent's, its card, or the session.</summary>
    public string Credential => _credential;

    /// <summary>All that has to stand for what is asked for to go on, with blanks between: within a session that is signed for, the card besides.</summary>
    public string Grounds => Session is not null && Signer is { } signer ? $"{_credential} {signer.Holder.Credential}" : _credential;

    /// <summary>Why whoever asked, a while ago, is told nothing more; null: it may be.</summary>
    public Task<Rejection?> Ended() => _standing.Refusal();

    /// <summary>False: whoever is told something is told nothing more.</summary>
    public async Task<bool> Stands() => await Ended() is null;

    /// <summary>The platform says so, and no agent.</summary>
    public bool IsVouched => _visitor is null && _agentId is null;

    public override string? EndpointRefusal(string endpoint) => Options.AgentEndpointRefusal(endpoint);

    /// <summary>The call as use cases see it. Read it after the request was bound: it has what was found wrong up to then.</summary>
    public PeerCaller Caller => new(Tenant, AgentId, Context(Limits.ClientKeyKept)) { Session = Session, Within = _within, Wrong = Findings.Refusal, Turn = Turn, Words = Words };

    /// <param name="caller">The call as the session has admitted it.</param>
    public PeerCall Within(SessionView session, AgentCaller caller)
    {
        (Session, _within) = (session, caller);
        return this;
    }

    public override string Id(string name)
    {
        if (_visitor is not null) return _visitor.Id(name);

        var id = PathValue(name);
        if (DisplayText.IsId(id)) return id;

        Findings.Malform($"{name} does not match {DisplayText.IdPattern}");
        return "";
    }

    /// <param name="kept">How long the idempotency key is known. Its namespace is the key's, or the session's.</param>
    public CommandContext Context(TimeSpan kept) => ContextOf(Tenant, _credential, kept);
}
