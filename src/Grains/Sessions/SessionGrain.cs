using Agora.Contracts;
using Agora.Core.Sessions;
using Agora.Grains.Kernel;

namespace Agora.Grains.Sessions;

/// <summary>The only writer of a session's stream.</summary>
public sealed class SessionGrain(EntityPorts ports) : EntityGrain<SessionDecider, SessionState, SessionCommand, SessionEvent>(ports), ISessionGrain;
