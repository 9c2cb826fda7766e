using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Campaign = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignCommand, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Tests.Campaigns;

/// <summary>The campaign of these tests: it pays up to 100 for "summary" and whatever it costs for "keywords".</summary>
internal static class Sample
{
    public const string Owner = "default/session/s1";
    public const string Provider = "provider-1";
    public static readonly Guid RunId = new("01957a00-0000-7000-8000-00000000000a");

    /// <summary>When the scenarios begin, and most transfers are sent.</summary>
    public static readonly DateTimeOffset Sent = Campaign.Start;

    public static readonly CampaignDefinition Definition = new(
        "Acme",
        Owner: null,
        new("Survey", "survey", "Five questions", "{}", ["email"], ["contact"]),
        [new("summary", 100), new("keywords", null)],
        Targeting: [],
        RunsPerCompletion: 1,
        MaxMicrosPerUser: null,
        DailyCapMicros: null,
        MaxCompletions: null,
        StartsAt: null,
        EndsAt: null,
        Active: true);

    public static Campaign NewCampaign(StreamId? stream = null) => Campaign.Of(stream ?? StreamId.Campaign("c1"))
        .Natural(c => c is not (CampaignCommand.Fund or CampaignCommand.Get or CampaignCommand.Tick or CampaignCommand.EndDispute))
        .Anew((c, _) => c is CampaignCommand.Node { Asked: not NodeCommand.ForgetSource } or CampaignCommand.Tick);

    public static Campaign Funded(long micros = 1_000, CampaignDefinition? definition = null, StreamId? stream = null) => NewCampaign(stream)
        .When(new CampaignCommand.PutCampaign(definition ?? Definition))
        .When(new CampaignCommand.Fund(micros));

    public static NodeCommand.Reserve Reserve(Guid holdId, long micros = 60, string service = "summary", Personal? attributes = null, string provider = Provider, int fee = 0) =>
        new(holdId, Owner, RunId, micros, new ReserveTerms.OfCampaign(service, provider, attributes, fee));

    public static Campaign Held(this Campaign campaign, out Guid holdId, long micros = 60, string service = "summary", string provider = Provider, int fee = 0)
    {
        holdId = campaign.NextId();
        return campaign.When(Reserve(holdId, micros, service, provider: provider, fee: fee)).ThenAnswered(Sample.Reserved(holdId));
    }

    public static FundReserved Reserved(Guid holdId) => new(holdId, Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(Definition.Task.Schema))));

    public static StepOutcome Answered(object reply) => new StepOutcome.Answered(Answer.Of(reply));
}
