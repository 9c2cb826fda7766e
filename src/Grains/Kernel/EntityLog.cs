using Microsoft.Extensions.Logging;

namespace Agora.Grains.Kernel;

internal static partial class EntityLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Stream}: {Command} broke; nothing was written and the activation ends")]
    public static partial void EntityBroke(this ILogger log, string stream, string command, Exception broken);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{Stream}: a step to {Target} broke; the alarm will try it again")]
    public static partial void StepBroke(this ILogger log, string stream, string target, Exception broken);
}
