using Agora.Contracts;
using Agora.Core.Services;
using Agora.Grains.Kernel;

namespace Agora.Grains.Services;

/// <summary>The only writer of a service's stream.</summary>
public sealed class ServiceGrain(EntityPorts ports) : EntityGrain<ServiceDecider, ServiceState, ServiceCommand, ServiceEvent>(ports), IServiceGrain;
