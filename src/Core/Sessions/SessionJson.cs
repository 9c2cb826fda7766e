using System.Text.Json.Serialization;

namespace Agora.Core.Sessions;

/// <summary>Generated writers of what a session holds for runs below; the options are those of <see cref="Kernel.StoredJson"/>, and a test holds that so are the bytes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(SessionEvent.HoldReserved))]
[JsonSerializable(typeof(SessionEvent.HoldPosted))]
internal sealed partial class SessionJson : JsonSerializerContext;
