using Agora.Journal;
using Microsoft.Extensions.Logging;

namespace Agora.Grains.Kernel;

internal static partial class EntityLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Stream}: {Command} broke; nothing was written and the activation ends")]
    public static partial void EntityBroke(this ILogger log, string stream, string command, Exception broken);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{Stream}: a step to {Target} broke, and counts as unreachable")]
    public static partial void StepBroke(this ILogger log, string stream, string target, Exception broken);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "{Stream} could not be loaded")]
    public static partial void LoadBroke(this ILogger log, string stream, Exception broken);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "Service {Service} is disabled for a while: runs of several users failed in a row, the last with {Reason}")]
    public static partial void ServiceDisabled(this ILogger log, string service, string reason);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Service {Service} asked {Asked} cents for run {Run}, above the {Held} that were held, which is what it gets")]
    public static partial void ServiceOvercharged(this ILogger log, string service, Guid run, string asked, string held);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "Service {Service} could not be marked for overcharging run {Run}")]
    public static partial void OverchargeNotMarked(this ILogger log, string service, Guid run, Exception failure);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "Service {Service} could not be looked up for run {Run}, which is refused")]
    public static partial void ServiceOutOfReach(this ILogger log, string service, Guid run, Exception failure);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning, Message = "Service {Service} failed ten runs in a row, and could not be disabled now")]
    public static partial void ServiceNotDisabled(this ILogger log, string service, Exception failure);

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Service {Service} could not be looked up, and is not told that run {Run} was cancelled")]
    public static partial void CancelNotTold(this ILogger log, string service, Guid run, Exception failure);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "Service {Service} failed run {Run} after {Attempts} attempts: {Reason}")]
    public static partial void ServiceFailed(this ILogger log, string service, Guid run, int attempts, string reason);

    [LoggerMessage(EventId = 9, Level = LogLevel.Warning, Message = "{Stream}: its snapshot at row {Seq} is ignored and the stream read whole, for the snapshot's code is {Code}")]
    public static partial void SnapshotIgnored(this ILogger log, string stream, long seq, SnapshotCode code);
}
