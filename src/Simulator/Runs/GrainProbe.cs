using Notebook.Contracts;
using Orleans;

namespace Notebook.Simulator.Runs;

/// <summary>Watches the calls between grains, and has those written down that results are made of. Changes nothing.</summary>
internal sealed class GrainProbe(RunRecorder recorder) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var request = context.Request;
        switch (context.InterfaceMethod.Name)
        {
            case nameof(IGpuServerGrain.Release) when request.GetArgumentCount() == 2 && request.GetArgument(0) is KernelId kernel && request.GetArgument(1) is long execution:
                recorder.Released(new ServerId(context.TargetId.Key.ToString()!), kernel, execution);
                break;
            case nameof(IClusterManagerGrain.ServerChanged):
                recorder.Heard((ServerSummary)request.GetArgument(0)!);
                break;
            case nameof(IClusterManagerGrain.LeaveQueue):
                recorder.WaitsNoMore((KernelId)request.GetArgument(0)!);
                break;
            case nameof(IClusterManagerGrain.MoveEnded):
                recorder.Moved(((MoveEnding)request.GetArgument(1)!).Done);
                break;
            default:
                break;   // without effect on results
        }

        await context.Invoke();
        switch (context.Result)
        {
            case LeaseOutcome.Granted { Lease: var lease }:
                recorder.Granted(lease);
                break;
            case WaitOutcome outcome:
                recorder.Waits((WaitingCell)request.GetArgument(0)!, outcome is WaitOutcome.Queued);
                break;
            default:
                break;
        }
    }
}
