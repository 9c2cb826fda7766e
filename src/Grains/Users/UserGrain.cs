using Agora.Contracts;
using Agora.Core.Users;
using Agora.Grains.Kernel;

namespace Agora.Grains.Users;

/// <summary>The only writer of a user's stream.</summary>
public sealed class UserGrain(EntityPorts ports) : EntityGrain<UserDecider, UserState, UserCommand, UserEvent>(ports), IUserGrain;
