using System.Text.Json.Serialization;

namespace Agora.Core.Sessions;

/// <summary>Generated writers of the events of a run; the options are those of <see cref="Kernel.StoredJson"/>, and a test holds that so are the bytes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(SessionEvent.RunRequested))]
[JsonSerializable(typeof(SessionEvent.RunConcluded))]
[JsonSerializable(typeof(SessionEvent.NodesFollowed))]
[JsonSerializable(typeof(SessionEvent.HoldReserved))]
[JsonSerializable(typeof(SessionEvent.HoldPosted))]
internal sealed partial class SessionJson : JsonSerializerContext;
