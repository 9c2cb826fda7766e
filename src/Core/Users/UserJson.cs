using System.Text.Json.Serialization;

namespace Agora.Core.Users;

/// <summary>Generated writers of what a run writes at its user; the options are those of <see cref="Kernel.StoredJson"/>, and a test holds that so are the bytes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(UserEvent.HoldReserved))]
[JsonSerializable(typeof(UserEvent.HoldPosted))]
internal sealed partial class UserJson : JsonSerializerContext;
