using System.Text.Json.Serialization;

namespace Agora.Core.Campaigns;

/// <summary>Generated writers of what a run writes at its campaign; the options are those of <see cref="Kernel.StoredJson"/>, and a test holds that so are the bytes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(CampaignEvent.HoldReserved))]
[JsonSerializable(typeof(CampaignEvent.HoldPosted))]
internal sealed partial class CampaignJson : JsonSerializerContext;
