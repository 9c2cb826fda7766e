using Orleans;

namespace Agora.Contracts;

/// <summary>
/// The whole seam to the grain engine: every grain takes one message and gives one answer. Its key is the entity's id, its
/// marker interface the entity's kind. A call may fail with TimeoutException (it may still have been executed, or be
/// executed later) or OrleansException (it was not delivered): send the same envelope again, never a new command id.
/// </summary>
public interface IEntityGrain : IGrainWithStringKey
{
    Task<Envelope> Send(Envelope envelope);
}

/// <summary>A user: grants, completions, consents.</summary>
public interface IUserGrain : IEntityGrain;

/// <summary>A session of an agent for a user: the only place where a run is decided.</summary>
public interface ISessionGrain : IEntityGrain;

/// <summary>A sponsor's campaign and its escrow.</summary>
public interface ICampaignGrain : IEntityGrain;

/// <summary>Something agents can buy.</summary>
public interface IServiceGrain : IEntityGrain;

/// <summary>Money of a provider, an agent or a sponsor.</summary>
public interface IWalletGrain : IEntityGrain;

/// <summary>A payment, as far as it is given back.</summary>
public interface IPaymentGrain : IEntityGrain;

/// <summary>An agent: its keys.</summary>
public interface IAgentGrain : IEntityGrain;
