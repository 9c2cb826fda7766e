using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Grains.Kernel;

namespace Agora.Grains.Agents;

/// <summary>The only writer of an agent's stream.</summary>
public sealed class AgentGrain(EntityPorts ports) : EntityGrain<AgentDecider, AgentState, AgentCommand, AgentEvent>(ports), IAgentGrain;
