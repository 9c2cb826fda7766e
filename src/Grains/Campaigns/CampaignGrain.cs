using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Grains.Kernel;

namespace Agora.Grains.Campaigns;

/// <summary>The only writer of a campaign's stream.</summary>
public sealed class CampaignGrain(EntityPorts ports) : EntityGrain<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>(ports), ICampaignGrain;
