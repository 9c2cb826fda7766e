using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>Stored names of a run's events and commands, among those of its session. Constants for ever.</summary>
internal static class RunCodec
{
    public static readonly UnionCodec<RunEvent> Events = new UnionCodec<RunEvent>()
        .Case<RunEvent.Requested>("session.run_requested", 2, e => e.SealedHash, (e, hash) => e with { SealedHash = hash }, RunJson.Default.Requested)
        .Formerly<RunEvent.Requested>("session.run_requested", 1, withoutGuess => withoutGuess)
        .Case<RunEvent.FundChosen>("session.fund_chosen", version: 2)
        .Formerly<RunEvent.FundChosen>("session.fund_chosen", 1, first => first)
        .Case<RunEvent.WalletChosen>("session.wallet_chosen")
        .Case<RunEvent.Concluded>("session.run_settled", 1, e => e.Output, (e, output) => e with { Output = output }, RunJson.Default.Concluded)
        .Case<RunEvent.SettlementBegun>("session.settlement_begun", 1, e => e.Output, (e, output) => e with { Output = output })
        .Case<RunEvent.CallBegun>("session.call_begun")
        .Case<RunEvent.Refused>("session.run_refused")
        .Case<RunEvent.AwaitsApproval>("session.run_awaits_approval", 1, e => e.Input, (e, input) => e with { Input = input })
        .Case<RunEvent.Approved>("session.run_approved")
        .Case<RunEvent.ApprovalAnswered>("session.approval_answered")
        .Case<RunEvent.WaitEnded>("session.wait_ended")
        .Case<RunEvent.NodeFollowed>("session.node_followed")
        .Case<RunEvent.NodesFollowed>("session.nodes_followed", hot: RunJson.Default.NodesFollowed)
        .Case<RunEvent.HoldDisowned>("session.hold_disowned");

    public static readonly UnionCodec<RunCommand> Commands = new UnionCodec<RunCommand>()
        .Case<RunCommand.RunService>("session.run_service")
        .Case<RunCommand.Transfer>("session.transfer")
        .Case<RunCommand.EndCall>("session.end_call")
        .Case<RunCommand.CallsGoOn>("session.calls_go_on")
        .Case<RunCommand.DecideApproval>("session.decide_approval")
        .Case<RunCommand.Cancel>("session.cancel_run");
}

/// <summary>Generated writers of the events of a run; the options are those of <see cref="StoredJson"/>, and a test holds that so are the bytes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(RunEvent.Requested))]
[JsonSerializable(typeof(RunEvent.Concluded))]
[JsonSerializable(typeof(RunEvent.NodesFollowed))]
internal sealed partial class RunJson : JsonSerializerContext;
