using Agora.Core.Kernel;

namespace Agora.Api.Http;

/// <summary>Refuses a request within a session with what would succeed instead.</summary>
internal interface IGuide
{
    Task<Reply> Refuse(AgentCall call, Rejection rejection);

    /// <summary>The session may not talk to the agents that the request is about.</summary>
    Task<Reply> RefusePeers(AgentCall call, Rejection rejection);
}
