namespace Agora.Application.Models;

/// <summary>The base addresses at which models are asked in their makers' dialects.</summary>
internal static class ModelPaths
{
    public const string OpenAi = "/openai/v1";
    public const string Anthropic = "/anthropic/v1";
}
