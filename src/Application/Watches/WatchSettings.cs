using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Watches;

/// <summary>What dialogues need of the process's settings.</summary>
/// <param name="Request">The request by which a dialogue is begun: calls of its models are recorded under it.</param>
/// <param name="Tenants">Those whose dialogues are moved here.</param>
internal sealed record WatchSettings(RequestInfo Request, IReadOnlyList<Tenant> Tenants);
